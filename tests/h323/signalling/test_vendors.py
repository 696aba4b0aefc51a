from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.h323.signalling import vendors

from .captures import MESSAGES


def identifier(product: bytes, country: int = 0, manufacturer: int = 0, version: bytes = b"") -> dict[str, object]:
    code = {"t35CountryCode": country, "t35Extension": 0, "manufacturerCode": manufacturer}
    return {"vendor": code, "productId": product, "versionId": version}


@pytest.mark.parametrize(
    ("product", "country", "manufacturer", "vendor"),
    [
        (b"RealPresence Group 500\0", 181, 0x2331, "Polycom"),
        (b"HDX 7000", 181, 0x2331, "Polycom"),
        (b"", 181, 0x2331, "Polycom"),
        (b"TANDBERG C20", 130, 1, "Tandberg"),
        (b"Cisco TelePresence MCU 4505", 180, 0xC000, "Cisco"),
        (b"MCU", 180, 0xC000, "Codian"),
        (b"HUAWEI TE40", 38, 0, "Huawei"),
        (b"ViewPoint 9039S", 38, 0, "Huawei"),
        (b"ZXV10 T800", 38, 0, "ZTE"),
        (b"Sony PCS-XG80", 0, 0, "Sony"),
        (b"LifeSize Room 220", 181, 0, "LifeSize"),
        (b"Room 220", 181, 0xA11A, "LifeSize"),
        (b"", 181, 0x8888, "Sony"),
        (b"Yealink VC800", 38, 0, "Yealink"),
        (b"H323Plus CallGen\0\0", 9, 61, "H323Plus"),
        (b"something", 9, 61, "OpenH323"),
        (b"something", 1, 2, ""),
    ],
)
def test_vendors(product: bytes, country: int, manufacturer: int, vendor: str) -> None:
    found = vendors.read(identifier(product, country, manufacturer, b"1.2\0"))
    assert found == (vendor, product.rstrip(b"\0").decode(), "1.2")


def test_the_vendors_of_the_captures() -> None:
    found = set()
    for captured in MESSAGES:
        info = captured.body.get("sourceInfo") if captured.name == "setup" else None
        if info:
            found.add(vendors.read(info["vendor"])[0])
    assert {"H323Plus", "Objective Systems"} <= found
    assert "" not in found


@given(st.one_of(st.none(), st.text(), st.binary(max_size=300), st.dictionaries(st.text(), st.integers())))
def test_anything(value: object) -> None:
    assert vendors.read(value) == ("", "", "")


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_text(product: bytes, version: bytes) -> None:
    assert all(len(text) <= vendors.MAX_TEXT for text in vendors.read(identifier(product, version=version)))
