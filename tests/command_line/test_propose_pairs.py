"""Pairs proposed from a file, through the operator's way in."""

import datetime as dt
from pathlib import Path

import flask
import pytest
from click.testing import CliRunner

from app.kernel.database import unit_of_work
from app.people import identity
from command_line.propose_pairs import propose_pairs
from tests.factories.people import a_customer


@pytest.fixture
def three(committed: flask.Flask, now: dt.datetime) -> dict[str, int]:
    with committed.app_context(), unit_of_work():
        return {phone: a_customer(now, phone=phone) for phone in ("13800000001", "13800000002", "13800000003")}


HOME = "浙江省杭州市西湖区文三路478号3幢1202室"
LINES = (
    "kind,value,name,birthday,address",
    f"phone,13800000001,林晓燕,1988-02-11,{HOME}",
    f"phone,+86 138 0000 0002,林小燕,1988-11-02,{HOME.replace('3幢1202室', '3-1202')}",
    "phone,13800000003,赵匡胤,1970-06-30,上海市静安区南京西路1266号",
    "phone,13800000009,赵匡胤,1970-06-30,",
    "phone,not a phone,赵匡胤,1970-06-30,",
)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_pairs_are_proposed_from_a_file(
    committed: flask.Flask, three: dict[str, int], tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "old.csv"
    file.write_text("\n".join(LINES))
    if kind == "parquet":
        import pyarrow.csv
        import pyarrow.parquet

        as_text = pyarrow.csv.ConvertOptions(column_types={"value": "string", "birthday": "string"})
        pyarrow.parquet.write_table(
            pyarrow.csv.read_csv(file, convert_options=as_text), file := tmp_path / "old.parquet"
        )

    done = CliRunner().invoke(propose_pairs, [str(file), "--source", "old-crm"])

    assert done.output == "5 lines read, 2 of nobody we know; 1 pairs alike, 1 newly proposed, 0 withdrawn\n"
    with committed.app_context():
        (proposal,) = identity.reviewing.list_proposals().items
    assert [proposal.first_id, proposal.second_id] == [three["13800000001"], three["13800000002"]]
    assert proposal.reasons == ("姓名同音", "生日月日写反", "地址相同")


def test_a_file_of_other_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    file.write_text("kind,value,salary\nphone,13800000001,100\n")

    done = CliRunner().invoke(propose_pairs, [str(file), "--source", "old-crm"])

    assert done.exit_code == 1
    assert "salary" in done.output
