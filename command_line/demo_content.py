"""The demo brand's stores, people and products: beauty with a mother-and-baby line. Names and places are examples."""

from app.people.stores import StoreDraft
from app.people.teams import StaffDraft
from app.trade.products import ProductDraft

_EVERY_DAY = {str(weekday): [["10:00", "21:00"]] for weekday in range(1, 8)}
SERVICES = ("整妆", "局部妆容", "肤质检测", "护理体验", "新品试用")


def _store(code: str, name: str, city: str, address: str, *, place: tuple[float, float]) -> StoreDraft:
    latitude, longitude = place
    return StoreDraft(code, name, city, address, latitude, longitude, services=SERVICES, hours=_EVERY_DAY)


STORES = (
    _store("HZ01", "杭州湖滨店", "杭州", "湖滨路 28 号", place=(30.2567, 120.1640)),
    _store("HZ02", "杭州万象城店", "杭州", "富春路 701 号", place=(30.2529, 120.2142)),
    _store("SH01", "上海静安店", "上海", "南京西路 1601 号", place=(31.2231, 121.4453)),
    _store("SH02", "上海环贸店", "上海", "淮海中路 999 号", place=(31.2156, 121.4576)),
    _store("NJ01", "南京德基店", "南京", "中山路 18 号", place=(32.0445, 118.7834)),
    _store("BJ01", "北京朝阳店", "北京", "朝阳北路 101 号", place=(39.9236, 116.5183)),
    _store("CD01", "成都太古里店", "成都", "中纱帽街 8 号", place=(30.6536, 104.0817)),
    _store("GZ01", "广州天河店", "广州", "天河路 208 号", place=(23.1324, 113.3267)),
)

TEAMS = {"EAST": "华东团队", "NORTH": "华北团队"}

STAFF = (
    StaffDraft("E001", "周岚", "admin", None, ()),
    StaffDraft("E002", "何静", "marketer", None, ()),
    StaffDraft("E003", "宋一帆", "analyst", None, ()),
    StaffDraft("E004", "沈越", "lead", "EAST", ("HZ01", "HZ02", "SH01", "SH02", "NJ01")),
    StaffDraft("E005", "陆敏", "store_manager", "EAST", ("HZ01",)),
    StaffDraft("E006", "林晓", "guide", "EAST", ("HZ01",)),
    StaffDraft("E007", "方圆", "clerk", "EAST", ("HZ01",)),
    StaffDraft("E008", "吴桐", "clerk", "EAST", ("SH01",)),
    StaffDraft("E009", "许可", "community", "EAST", ()),
    StaffDraft("E010", "高远", "lead", "NORTH", ("BJ01",)),
)

_LIPS = [("#02", "正红"), ("#09", "豆沙"), ("#14", "枫叶红"), ("#21", "裸粉")]
_BASE = [("N10", "瓷白"), ("N20", "自然"), ("W30", "暖调")]
PRODUCTS = (
    *(
        ProductDraft(f"LIP-{code[1:]}", f"丝绒唇釉 {code}", "唇妆", "丝绒", colour, ("唇釉", "哑光"), 21_900)
        for code, colour in _LIPS
    ),
    *(
        ProductDraft(f"FND-{code}", f"持妆粉底液 {code}", "底妆", "持妆", colour, ("粉底",), 36_900)
        for code, colour in _BASE
    ),
    ProductDraft("EYE-01", "大地色眼影盘", "眼妆", "四季", "大地", ("眼影",), 29_900),
    ProductDraft("BLS-01", "云雾腮红", "颊彩", "四季", "蜜桃", ("腮红",), 18_900),
    ProductDraft("MSC-01", "纤长睫毛膏", "眼妆", "四季", "黑", ("睫毛",), 16_900),
    ProductDraft("SRM-30", "舒缓修护精华 30ml", "护肤", "修护", "", ("敏感肌", "精华"), 49_900),
    ProductDraft("CRM-50", "舒缓修护面霜 50g", "护肤", "修护", "", ("敏感肌", "面霜"), 42_900),
    ProductDraft("CLN-120", "氨基酸洁面 120g", "护肤", "修护", "", ("洁面",), 15_900),
    ProductDraft("SUN-50", "轻透防晒 SPF50+", "护肤", "日光", "", ("防晒",), 23_900),
    ProductDraft("MSK-5", "修护面膜 5 片", "护肤", "修护", "", ("面膜",), 12_900),
    ProductDraft("SET-RP", "修护三件套", "套装", "修护", "", ("敏感肌", "套装"), 89_900),
    ProductDraft("SMP-01", "唇釉体验装", "小样", "丝绒", "正红", ("小样",), 2_900),
    ProductDraft("SMP-02", "精华体验装 5ml", "小样", "修护", "", ("小样",), 3_900),
    ProductDraft("BBY-WIPE", "婴儿棉柔巾 6 包", "母婴", "安心", "", ("棉柔巾", "0–3 岁"), 5_900),
    ProductDraft("BBY-WASH", "婴儿洗发沐浴露", "母婴", "安心", "", ("洗护", "0–3 岁"), 8_900),
    ProductDraft("BBY-CRM", "婴儿面霜 60g", "母婴", "安心", "", ("面霜", "0–3 岁"), 9_900),
    ProductDraft("BBY-M2", "二段奶粉 800g", "母婴", "安心", "", ("奶粉", "6–12 月"), 33_800),
)
