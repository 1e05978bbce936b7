"""Small letters of our own, with what they are about: enough to learn three labels from."""

MATTERS = {
    "供水": ("停水", "水管漏水", "自来水发黄", "水压太低", "水表不准"),
    "供电": ("停电", "电表不准", "电压不稳", "变压器太响", "电费太高"),
    "公交": ("公交车不停站", "司机态度不好", "末班车太早", "车上太挤", "站牌坏了"),
}
FRAMES = ("我们小区{}已经三天了", "请问{}找谁处理", "投诉{}没有人管", "昨天晚上开始{}")
LETTERS = [
    (frame.format(said), label)
    for label, matters in MATTERS.items()
    for said in matters
    for frame in FRAMES
]
TEXTS = [text for text, _ in LETTERS]
LABELS = [label for _, label in LETTERS]
