"""Who made the terminal, told from VendorIdentifier: by the product's text first, the code is often a stack's."""

from __future__ import annotations

from mcu.h323 import names

MAX_TEXT = 80

# Parts of productId, in lower case, most telling first.
_PRODUCTS = (
    ("tandberg", "Tandberg"),
    ("codian", "Codian"),
    ("telepresence", "Cisco"),
    ("cisco", "Cisco"),
    ("polycom", "Polycom"),
    ("realpresence", "Polycom"),
    ("viewstation", "Polycom"),
    ("vsx", "Polycom"),
    ("hdx", "Polycom"),
    ("qdx", "Polycom"),
    ("viavideo", "Polycom"),
    ("poly studio", "Polycom"),
    ("huawei", "Huawei"),
    ("viewpoint", "Huawei"),
    ("vp9", "Huawei"),
    ("cloudlink", "Huawei"),
    ("zte", "ZTE"),
    ("zxv10", "ZTE"),
    ("zxmvc", "ZTE"),
    ("sony", "Sony"),
    ("pcs-", "Sony"),
    ("lifesize", "LifeSize"),
    ("yealink", "Yealink"),
    ("radvision", "Radvision"),
    ("scopia", "Radvision"),
    ("avaya", "Avaya"),
    ("aethra", "Aethra"),
    ("vega x", "Aethra"),
    ("vcon", "VCON"),
    ("ezenia", "Ezenia"),
    ("picturetel", "PictureTel"),
    ("vtel", "VTEL"),
    ("panasonic", "Panasonic"),
    ("kedacom", "Kedacom"),
    ("trueconf", "TrueConf"),
    ("vinteo", "Vinteo"),
    ("pexip", "Pexip"),
    ("grandstream", "Grandstream"),
    ("starleaf", "StarLeaf"),
    ("netmeeting", "Microsoft"),
    ("gnugk", "GnuGk"),
    ("gnu gatekeeper", "GnuGk"),
    ("h323plus", "H323Plus"),
    ("openh323", "OpenH323"),
    ("opal", "OPAL"),
    ("objsys", "Objective Systems"),
    ("ooh323", "Objective Systems"),
    ("asterisk", "Asterisk"),
    ("yate", "Yate"),
)

# (T.35 country, manufacturer): the register of the CTA for the United States (181), those of other countries, captures.
_CODES = {
    (9, 61): "OpenH323",
    (130, 2): "Ericsson",
    (138, 2): "GnuGk",
    (180, 0xC000): "Codian",
    (181, 1): "PictureTel",
    (181, 3): "VTEL",
    (181, 9): "Ezenia",
    (181, 18): "Cisco",
    (181, 21): "Radvision",
    (181, 27): "Philips",
    (181, 40): "AudioCodes",
    (181, 48): "Dialogic",
    (181, 54): "Objective Systems",
    (181, 0x2331): "Polycom",  # as ViaVideo
    (181, 0x4150): "Acme Packet",
    (181, 0x4156): "Avaya",
    (181, 0x4656): "First Virtual",
    (181, 0x4C54): "Lucent",
    (181, 0x4E54): "Nortel",
    (181, 0x5050): "Polycom",
    (181, 0x5243): "Siemens",
    (181, 0x534C): "Microsoft",
    (181, 0x5356): "Sorenson",
    (181, 0x8080): "Intel",
    (181, 0x8888): "Sony",
    (181, 0x907A): "SpectraLink",
    (181, 0xA11A): "LifeSize",
}


def read(identifier: object) -> tuple[str, str, str]:
    """(vendor, product, version) of a VendorIdentifier; "" for what it doesn't tell."""
    if not isinstance(identifier, dict):
        return "", "", ""
    product, version = (_text(identifier.get(name)) for name in ("productId", "versionId"))
    return _vendor(identifier.get("vendor"), product), product, version


def _vendor(code: object, product: str) -> str:
    lower = product.lower()
    for part, vendor in _PRODUCTS:
        if part in lower:
            return vendor
    match code:
        case {"t35CountryCode": int(country), "manufacturerCode": int(manufacturer)}:
            return _CODES.get((country, manufacturer), "")
    return ""


def _text(octets: object) -> str:
    """productId and versionId are octets; most stacks end them with a zero."""
    return names.clean(names.from_octets(octets), MAX_TEXT) if isinstance(octets, bytes) else ""
