"""What a call-taker of the demonstration noted: written for it, about nobody. Fragments combine.

Each sentence about a concern says whom it may be about (``persons.FITS``), so that no pupil worries about a lease.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casework.cli.demo.persons import fits

if TYPE_CHECKING:
    from random import Random

    from casework.cli.demo.persons import Caller

# What is said about a topic. For each topic there is a sentence for everybody who may speak of it.
CONCERNS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "emotion": (
        ("any", "近两周情绪低落，早上醒来不想起床，说话时几次停下来"),
        ("any", "白天心慌，手抖，反复说“不知道在怕什么”"),
        ("any", "觉得没有人听得懂自己，和家里人也不怎么说话"),
        ("grown", "像一根绷紧的弦，一点小事就想哭，怕家人担心不敢讲"),
        ("minor", "放学回家就关上房门，说“在外面笑了一天，很累”"),
        ("elder", "日子长，电视开着只是图个响，胸口常常发闷"),
    ),
    "epidemic_anxiety": (
        ("any", "每天反复看消息，一咳嗽就量体温，一天量七八次"),
        ("any", "不敢下楼，出门回来要洗手半小时，手已经脱皮"),
        ("working", "担心自己把病带给老人，已经三周没有回家吃饭"),
        ("minor", "怕父母上班被传染，他们晚回来一会儿就一直打电话"),
        ("elder", "听人说年纪大的更危险，连菜都让邻居放在门口"),
        ("medical", "每次脱防护服都要回想哪一步没做对，下班不敢抱孩子"),
    ),
    "isolation": (
        ("any", "在隔离点第九天，窗户只能开一条缝，说“日子过得分不清上午下午”"),
        ("any", "居家隔离，觉得门上贴的纸让邻居都躲着自己"),
        ("grown", "一个人住在隔离房间，饭量减了一半，怕解除后处处被人问"),
        ("minor", "和母亲分在两个房间隔离，晚上隔着墙敲三下才肯睡"),
    ),
    "grief": (
        ("working", "父亲二月去世，没有见到最后一面，家里的药盒一直不肯收"),
        ("working", "母亲的手机还在充电，说一关机就像再没有这个人了"),
        ("elder", "老伴走了两个月，晚上还会习惯性地摆两双筷子"),
        ("minor", "外婆年初去世，大人都说别提，自己把她织的围巾放在枕头下"),
        ("any", "家里走了人，没能好好送一程，路过医院那条街就要绕开"),
    ),
    "sleep": (
        ("any", "连续十多天凌晨三点醒来，再也睡不着，白天头重"),
        ("any", "入睡要两个多小时，试过数数、热水泡脚，都不管用"),
        ("minor", "夜里怕黑，要开着灯，上课时常常睡着"),
        ("medical", "值完夜班睡不着，一闭眼就是监护仪的声音"),
        ("elder", "天不亮就醒，怕吵着家人，坐在床边等天明"),
    ),
    "trauma": (
        ("any", "救护车的声音一响就僵住，要过很久才缓得过来"),
        ("any", "夜里反复梦见医院的走廊，醒来一身汗"),
        ("medical", "一位同龄的病人在自己班上走了，至今不敢进那间病房"),
    ),
    "family": (
        ("grown", "一家五口挤在两居室，为消毒的事天天争执"),
        ("parent", "照顾中风的长辈，兄弟姐妹都说走不开，觉得只剩自己一个人"),
        ("minor", "父母常在夜里吵架，自己戴着耳机装睡，怕他们分开"),
        ("elder", "和儿子媳妇同住，嫌自己管得多，有话不敢说"),
        ("any", "饭桌上没人说话，各看各的手机，觉得家里像旅馆"),
    ),
    "marriage": (
        ("settled", "为钱的事冷战一个月，考虑分开，又下不了决心"),
        ("settled", "两人聚少离多，见了面像陌生人，不知道怎么开口"),
        ("wife", "丈夫长期在外援助，回家后一言不发，问多了就出门"),
        ("husband", "妻子说搬回娘家住一阵，已经三周，电话里只谈家用"),
        ("elder", "老两口为要不要去儿子家带孙辈争了一个月"),
    ),
    "domestic_violence": (
        ("wife", "丈夫喝酒后动手，昨晚推搡时撞到门框，手臂青了一片"),
        ("grown", "手机常被检查，出门要报备，通话中两次突然停下"),
        ("minor", "父亲喝酒后动手，夜里不敢睡，这件事没有告诉过老师"),
        ("elder", "存折被家里人拿走，要用钱就挨骂，上月还被推倒过一次"),
    ),
    "children": (
        ("parent", "孩子上网课不肯开摄像头，一催就摔门"),
        ("parent", "女儿六年级，常说肚子疼不想上学，检查没有问题"),
        ("parent", "儿子留在老家，不肯接电话，老人管不住"),
        ("parent", "儿子沉迷游戏，夫妻互相埋怨，谁也劝不动"),
        ("elder", "一个人带孙子，网课的设备不会弄，孩子不听自己的"),
        ("elder", "孙女半夜哭着找妈妈，自己哄不住，也跟着掉泪"),
    ),
    "study": (
        ("minor", "今年升学，复习时脑子空白，担心辜负父母"),
        ("minor", "网课听不懂又不敢问，作业欠了两周，越欠越怕"),
        ("young", "大学延期返校，作息颠倒，觉得同学都在往前走"),
        ("young", "毕业论文卡住，导师的消息不敢点开"),
    ),
    "work_stress": (
        ("working", "连着加班一个多月，想到上班就胃疼"),
        ("working", "人手减了一半，活没有少，回到家一句话都不想说"),
        ("community", "在社区一线连续值守四十多天，说到居民骂人时哽咽"),
        ("community", "夜里手机不敢静音，一响就以为哪一户又出了事"),
        ("medical", "是护士，轮休被取消三次，想到上班就胃疼"),
        ("medical", "觉得自己对病人越来越麻木，害怕变成这样的人"),
    ),
    "hardship": (
        ("working", "饭店停业，房租还差两个月，奶粉快吃完了"),
        ("working", "在外务工回不了家，身上只剩两百多元，暂住朋友处"),
        ("working", "低保正在审核，家里老人药费没有着落"),
        ("elder", "退休金要供孙辈上学，常用药分成两天吃"),
        ("elder", "低保在复核，这个月还没到账，米面靠邻居接济"),
    ),
    "employment": (
        ("working", "厂里裁员，投了二十多份简历没有回音，不敢告诉家里人"),
        ("settled", "试用期内被通知不用来了，觉得三十五岁以后没有路"),
        ("young", "刚毕业，签好的单位取消了岗位，每天装作去上班"),
    ),
    "discrimination": (
        ("any", "康复回家后，邻居不肯同乘电梯"),
        ("any", "老家人听说从外地回来，让一家人别出门、别串门"),
        ("minor", "同桌听说家里有人得过病，把桌子搬开了"),
    ),
    "information": (
        ("any", "询问解除隔离后需要哪些手续，希望有人说得清楚"),
        ("any", "想知道哪里能领临时救助，需要带什么材料"),
        ("any", "咨询社区心理服务站的开放时间"),
    ),
    "illness": (
        ("grown", "有多年糖尿病，担心去医院复诊会感染，药只够一周"),
        ("any", "哮喘，复诊推迟了两次，换季时常半夜坐起来喘气"),
        ("grown", "做完手术两个月，恢复得比医生说的慢，怕拖累家里"),
    ),
    "other": (
        ("any", "想找个人说说话，没有特别的事"),
        ("any", "没有什么要紧事，只是一个人在家太久了"),
    ),
}  # fmt: skip
RESPONSES: Final = (
    "以倾听和情绪支持为主，帮助把担心逐条写下来，分出能做的和暂时做不了的",
    "一起做了三分钟的呼吸练习，结束时说话明显慢下来",
    "肯定已经做的努力，讨论了今天可以做的一件小事",
    "说明这些反应在压力下很常见，约定减少看消息的次数，睡前不看手机",
    "梳理了可以求助的亲友，对方愿意今晚先给信得过的人打一个电话",
    "核对了当前的安全情况和身边的人，告知有需要随时可以再打来",
)
ANSWERS: Final = (
    "说明了办理的步骤和所需材料，提供了对口部门的电话",
    "查到了开放时间和地址，提醒先打电话确认",
)
# By how the call ended.
CLOSINGS: Final = {
    "supported": (
        "对方表示“说出来好多了”。",
        "结束时情绪较平稳。",
        "提醒先吃饭、先休息。",
        "告知了12356热线，可随时再打来。",
    ),
    "referred": ("告知了社区服务站的地址和电话，愿意明天去问。", "已说明可以找的部门，对方记了下来。"),
    "follow_up": ("同意一周后回访。", "约好下周同一时间再通电话。"),
    "to_case": ("本人愿意接受进一步的咨询。", "同意由咨询师接着跟进。"),
    "emergency": ("已按紧急流程处置，由督导接手。",),
}
CLOSINGS_OF_ANSWERS: Final = ("对方复述了一遍，表示清楚。", "对方道谢。", "提醒如有变化可再来电。")
RISK_WORDS: Final = {
    "ideation": (
        "偶尔觉得活着没意思，没有想过怎么做，有可以联系的人。",
        "说过“睡着不醒就好了”，追问后表示不会做什么。",
    ),
    "plan": (
        "想过大概的办法，没有想过什么时候；愿意请人一起把身边的东西收好。",
        "承认想过怎么做，目前没有打算，同意难受时先打电话。",
    ),
    "plan_week": (
        "说这几天就想结束，已请督导加入通话，联系到一位家人赶去陪伴，同意把药交其保管，约定明日回访。",
        "说这周末打算结束生命，已通知督导，取得所在位置和一位家人的联系方式，制定了安全计划。",
    ),
    "plan_72h": (
        "说这两天就想结束生命，已请督导加入通话，取得所在位置，家人正赶回身边，移开了危险物品。",
        "说今晚不想再撑，已通知督导，通话中请家人进屋陪伴，制定了今晚的安全计划。",
    ),
    "attempt": ("说刚才伤害了自己，声音微弱。已请督导加入，取得位置，联系急救和家人，陪同通话到有人到场。",),
}
BRIEF: Final = {
    "silent": (
        "接通后对方没有说话，等候约一分钟，说明随时可以再打来，对方挂断。",
        "电话里只有呼吸声，轻声告知这里可以慢慢说，两分钟后断线。",
        "接通即挂断，未再打入。",
    ),
    "nuisance": ("来电内容与服务无关，礼貌说明后结束通话。", "对方以为是别的热线，告知本线用途后挂断。"),
}
WHOM: Final = {"child": "孩子", "partner": "爱人", "friend": "朋友", "parent": "家里老人"}


def summary(
    random: Random, caller: Caller, *, kind: str, topics: tuple[str, ...], risk: str, outcome: str, whom: str
) -> str:
    """Return what a call-taker would have noted about this call."""
    if kind in BRIEF:
        return random.choice(BRIEF[kind])
    topic = topics[0] if topics else "other"
    concern = random.choice([text for who, text in CONCERNS[topic] if fits(who, caller)])
    if topic == "information":
        return f"来电者{concern}。{random.choice(ANSWERS)}。{random.choice(CLOSINGS_OF_ANSWERS)}"
    response = random.choice(RESPONSES)
    words = random.choice(RISK_WORDS.get(risk, ("",)))
    return f"{_opening(kind, whom)}{concern}。{words}{response}。{random.choice(CLOSINGS[outcome])}"


def _opening(kind: str, whom: str) -> str:
    if kind == "agency":
        return "街道社工转介，服务对象自述"
    return f"来电者代{WHOM[whom]}求助：" if whom else "来电者自述"
