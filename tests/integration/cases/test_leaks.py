"""T3: what was said in a case is found in no file of the system, in no wrong page, in no cookie."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support import casefile
from tests.support.canaries import NAME, NOTE, NUMBER, search_files, search_text
from tests.support.client import find_form, values_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from tests.support.client import CheckedClient


@pytest.mark.sqlite_only
def test_T3_no_canary_of_a_case_lies_in_any_file(
    app: Flask, sign_in: Callable[[str], CheckedClient], tmp_path: Path
) -> None:
    case, client = casefile.open_case(app, ["bereaved"]), sign_in("zixun")
    path = f"/cases/{case.number}"
    fields = {"channel": "phone", "text": NOTE}
    token = {"X-CSRFToken": values_of(find_form(client.get(path).text, path, action="/notes"))["csrf_token"]}
    assert client.post(f"{path}/draft", json={"text": NOTE, "rev": 0}, headers=token).status_code == 200
    assert client.submit(path, fields, action="/notes").status_code == 303
    correcting = re.findall(r"/cases/[^\"]+/correct", client.get(path).text)
    assert client.submit(correcting[0], {"text": f"{NOTE}更正"}).status_code == 303
    shown = client.submit(path, action="/identity").text
    assert NAME in shown
    assert NUMBER in shown.replace(" ", "")
    assert search_files([tmp_path]) == []
    cookies = "".join(str(cookie.value) for cookie in (client._cookies or {}).values())
    assert search_text(cookies, "cookie") == []
