"""What a counselor of the demonstration wrote after a session: for it, about nobody.

A first session explains and asks; later ones look back. Within a case no note is like another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casework.cli.demo.persons import TEENS, fits, pick

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from casework.cli.demo.persons import Caller

CHANNELS: Final = (("phone", 6), ("face_to_face", 4), ("home_visit", 2), ("video", 2), ("wechat", 1))
FIRST_CHANNELS: Final = (("phone", 5), ("face_to_face", 5), ("home_visit", 2), ("video", 2))

FIRST_OPENINGS: Final = {
    "phone": ("首次通话，对方选了家里安静的时间。", "初次电话会谈，先确认对方说话方便。"),
    "face_to_face": ("首次面谈，地点在服务站的谈话室。", "初次见面，对方提前十分钟到，坐在靠门的位置。"),
    "home_visit": ("首次上门，事先电话征得同意，两人同行。", "初次家访，居住环境整洁，在客厅谈。"),
    "video": ("首次视频会谈，先确认对方房间里没有旁人。",),
}
FIRST_AGREED: Final = (
    "说明了保密及其例外、服务方式和大致次数，对方同意。",
    "逐条解释了知情同意书，问到什么情况下会告诉别人，已说明。",
    "说明记录由谁看、怎样保管，对方听后放松了一些。",
)
FIRST_OF_MINORS: Final = "监护人知情并同意，前十分钟一同参加。"
FIRST_HEARD: Final = (
    ("any", "主要谈{topic}，说了近一个月的经过，几处停顿，没有追问。"),
    ("any", "对方希望先解决睡眠，再谈{topic}。"),
    ("any", "谈到{topic}时语速变快，自己察觉后笑了一下。"),
    ("any", "关于{topic}，对方说“从来没跟人讲过这么多”。"),
    ("grown", "{topic}的困扰约从三个月前开始，影响吃饭和做事，家人知道一部分。"),
    ("minor", "起初低头不说话，画了一张家里的图，慢慢谈到{topic}。"),
    ("elder", "从年轻时的事说起，绕了一圈才谈到{topic}。"),
    ("medical", "习惯先问别人好不好，提醒后才谈到自己的{topic}。"),
)
FIRST_DONE: Final = (
    "评估了安全情况，目前没有伤害自己的想法。",
    "一起列出让自己安定下来的三件小事。",
    "梳理了身边可以依靠的人，有两位愿意帮忙。",
    "优势：有稳定的朋友，做事有计划。",
    "问了睡眠、饮食和服药情况，都已记下。",
)
FIRST_NEXT: Final = (
    "约定每周一次，下周同一时间。",
    "先试四次，之后一起看要不要继续。",
    "约好这几天记下难受的时刻和当时在做什么。",
    "下周再谈，期间有急事可打值班热线。",
)

OPENINGS: Final = {
    "phone": ("电话会谈，信号清楚。", "按约通话。", "对方主动打来，提前了五分钟。"),
    "face_to_face": ("面谈，准时到。", "在服务站面谈，精神比电话里好。", "面谈，迟到一刻钟，说路上走了走。"),
    "home_visit": ("家访，两人同行。", "上门，厨房的灯已请社区修好。", "家访，先和家人打了招呼。"),
    "video": ("视频会谈，画面中途断过一次。", "视频，对方坐在窗边。"),
    "wechat": ("临时有事，改为文字交流。", "微信留言往返，谈得简短。"),
}
HEARD: Final = (
    ("any", "谈到{topic}的近况，睡眠略有改善，傍晚仍觉得孤单。"),
    ("any", "主动说起{topic}，语速比上次平稳。"),
    ("any", "这一周为{topic}难受了三次，每次都能在半小时内缓下来。"),
    ("any", "情绪记录写了四天，能认出“越想越怕”的时刻。"),
    ("any", "说最近吃饭香了些，体重回来一点。"),
    ("any", "有一天几乎没出门，自责，谈后能把它看作平常的起落。"),
    ("any", "对{topic}仍有担心，愿意继续。"),
    ("any", "讲了一件好笑的事，自己先笑出来。"),
    ("any", "下雨天提不起劲，还是做完了该做的事。"),
    ("any", "说“总算有个盼头”，关于{topic}想得比从前松。"),
    ("grown", "和家里人谈了一次，没有吵起来。"),
    ("grown", "重新联系了一位老朋友，约了见面。"),
    ("settled", "开始安排自己的时间，周三晚上留给自己。"),
    ("working", "把手头的事排了先后，推掉了一件。"),
    ("minor", "带来一张画，画里多了一个人。"),
    ("minor", "这周和同学一起写了两次作业，说没有想的那么难。"),
    ("minor", "告诉妈妈自己怕什么，妈妈听完抱了抱。"),
    ("elder", "每天早上和邻居在楼下走两圈，腿脚轻快些。"),
    ("elder", "学会了视频通话，每晚和家人说几句。"),
    ("elder", "翻出旧相册，一边看一边讲，没有哭。"),
)
DONE: Final = (
    "一起回顾了上次约定的小目标，完成了两项。",
    "练习了着地技术，感受良好。",
    "用0到10分给难受打分，从7分谈到4分。",
    "把“都怪我”的想法写在纸上，找出两个别的解释。",
    "做了渐进放松，手心从凉变暖。",
    "讨论了怎样开口请人帮忙，演练了一遍。",
    "给最担心的事列了三步，第一步今天就能做。",
    "写了一封不寄出的信，读给我听。",
    "重新评估安全，未见新的风险。",
    "查看了安全计划，更新了两个联系人。",
    "练习在难受时先停十秒再说话。",
    "一起看了这个月的变化，对方说没想到走了这么远。",
    "谈了边界：哪些事可以不答应。",
    "商量把一天分成三段，每段只放一件事。",
)
NEXT: Final = (
    "下次重点：恢复固定的作息。",
    "约定每天散步二十分钟。",
    "下次邀请家人参加一次谈话。",
    "布置：每晚写下一件做成的小事。",
    "约定睡前一小时不看手机。",
    "下次谈如何应对旁人的问话。",
    "继续情绪记录，改为每天两次。",
    "两周内把就诊的事定下来。",
    "下次一起看看目标达到多少。",
    "约定难受时先打给名单上的第一位。",
    "周末试着出门一次，地点自选。",
    "如睡眠再变差，提前联系。",
)


class Notebook:
    """The notes of one case, in the order of its sessions."""

    def __init__(self, random: Random, topic: str, caller: Caller) -> None:
        """Begin a case about a topic named in Chinese."""
        self._random, self._topic, self._caller = random, topic, caller
        self._decks: dict[Sequence[str], list[str]] = {}
        self._written: set[str] = set()
        self._heard = tuple(text for who, text in HEARD if fits(who, caller))

    def write(self) -> tuple[str, str]:
        """Return channel and text of the next session; no text comes twice."""
        make = self._later if self._written else self._first
        while True:
            channel, text = make()
            if text not in self._written:
                self._written.add(text)
                return channel, text

    def _first(self) -> tuple[str, str]:
        random, channel = self._random, pick(self._random, FIRST_CHANNELS)
        heard = random.choice([text for who, text in FIRST_HEARD if fits(who, self._caller)])
        guardian = FIRST_OF_MINORS if self._caller.age <= TEENS else ""
        parts = (
            random.choice(FIRST_OPENINGS[channel]),
            guardian,
            random.choice(FIRST_AGREED),
            heard.format(topic=self._topic),
            random.choice(FIRST_DONE),
            random.choice(FIRST_NEXT),
        )
        return channel, "".join(parts)

    def _later(self) -> tuple[str, str]:
        channel = pick(self._random, CHANNELS)
        heard = self._draw(self._heard).format(topic=self._topic)
        return channel, f"{self._draw(OPENINGS[channel])}{heard}{self._draw(DONE)}{self._draw(NEXT)}"

    def _draw(self, sentences: Sequence[str]) -> str:
        # A sentence comes again only after all others of its kind.
        deck = self._decks.setdefault(sentences, [])
        if not deck:
            deck += self._random.sample(sentences, len(sentences))
        return deck.pop()
