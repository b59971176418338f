"""How a Chinese name is found by typing: in full pinyin, by its initials, or by any of its words.

The library takes most of a second to load, so it is loaded when a name is stored, never when a page is shown.
"""

from __future__ import annotations

import re
from typing import Final

_CHINESE: Final = re.compile(r"[\u3400-\u9fff]+")
_BLANKS: Final = re.compile(r"\s+")


def spellings(*texts: str) -> str:
    """Return everything that finds these texts, lower case, each once, parted by blanks.

    睡眠 gives ``睡眠 shuimian sm``. A heteronym is spelled as it is read in the word.
    """
    found: dict[str, None] = {}
    for text in texts:
        for word in _BLANKS.split(text.casefold().strip()):
            if word:
                found[word] = None
        for part in _CHINESE.findall(text):
            syllables = _syllables(part)
            found["".join(syllables)] = None
            found["".join(each[:1] for each in syllables)] = None
    return " ".join(found)


def _syllables(text: str) -> list[str]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - see above

    return [str(each) for each in lazy_pinyin(text)]
