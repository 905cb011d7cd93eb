"""Variables that come from the person, whatever the occasion."""

# name → (what it is, a sample). A person may lack any of them, so words say what stands there instead.
PROFILE: dict[str, tuple[str, str]] = {
    "昵称": ("怎么称呼，没有昵称时用姓名", "晓晓"),
    "姓名": ("会员填写的姓名", "林晓"),
    "卡号尾号": ("会员卡号后四位", "8821"),
    "等级": ("当前会员等级", "金卡"),
    "积分": ("可用积分", "2340"),
    "成长值": ("本期成长值", "3260"),
    "生日月": ("生日所在月份", "5月"),
    "入会日期": ("成为会员的日期", "2024年3月8日"),
    "门店": ("最近一次购买的门店", "杭州湖滨店"),
    "最近购买": ("最近一次购买的第一件商品", "丝绒唇釉"),
}
SAMPLES = {name: sample for name, (_, sample) in PROFILE.items()}
