"""Does a text read as Vietnamese? And of two readings, which is it? For names in code pages that do not say theirs."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+")
_TONES = "\u0300\u0301\u0303\u0309\u0323"  # grave, acute, tilde, hook above, dot below
_STOPPED = "\u0301\u0323"  # the tones of syllables that end in c, ch, p, t
_ONSETS = ("ngh", "ng", "gh", "gi", "kh", "nh", "ph", "qu", "th", "tr", "ch", *"bcdđghklmnprstvx", "")

# Rimes without their tone: the syllables' second halves.
_RIMES = frozenset(
    unicodedata.normalize(
        "NFC",
        "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep et "
        "ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu o oa oac oach oai oan oang "
        "oanh oat oay oăc oăn oăng oăt oc oe oen oi om on ong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân "
        "uât uây uc uê uênh ui um un ung uôc uôi uôm uôn uông uôt up ut uy uya uych uynh uyên uyêt uyt uơ ư ưa ưc ưi "
        "ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y ych ynh yên yêt yêm yêu",
    ).split()
)

# Words of rooms, offices, places and persons: what terminals are called.
_KNOWN = frozenset(
    unicodedata.normalize(
        "NFC",
        "phòng họp hội trường nghị điểm cầu trung tâm ủy ban nhân dân sở bộ tỉnh huyện xã thành phố quận giám đốc tổng "
        "cục công ty an ninh viện bệnh đại học trực tuyến tầng số chính hà nội đà nẵng hải cần thơ huế hồ chí minh "
        "quảng bình ninh nam việt nguyễn trần lê phạm hoàng võ vũ đặng bùi đỗ ngô dương văn thị ngân hàng chi nhánh "
        "kho bạc nhà nước truyền hình thông tin đài quân khu chủ tịch lớn nhỏ",
    ).split()
)
# Letters with marks, the commonest first.
_COMMON = unicodedata.normalize("NFC", "đàáưôạếêộảơâệấóủốợềậớìờíăứọầểựữồịòởụýúãặổừửắùỉũằéỏõễẫĩẽẩẻỗẹèẳẵỡỹỳỷỵ")


def reads(text: str) -> bool:
    """Every word but an abbreviation is a syllable, and one at least has a mark."""
    words = [word for word in _WORD.findall(text) if not (word.isascii() and word.isupper())]
    return any(not word.isascii() for word in words) and all(map(_syllable, words))


def unlikeliness(text: str) -> tuple[int, float]:
    """The lower, the likelier: words that we know come first, then how common the marked letters are."""
    known = sum(word.lower() in _KNOWN for word in _WORD.findall(text))
    marked = [_COMMON.find(c) % 100 for c in text.lower() if c.isalpha() and not c.isascii()]
    return -known, sum(marked) / max(1, len(marked))


def _syllable(word: str) -> bool:
    letters: list[str] = []
    tone, toned = "", -1
    for letter in word.lower():
        parts = unicodedata.normalize("NFD", letter)
        marks = [part for part in parts if part in _TONES]
        if marks and tone:
            return False
        if marks:
            tone, toned = marks[0], len(letters)
        letters.append(unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES)))
    bare = "".join(letters)
    for onset in _ONSETS:
        rime = bare[len(onset) :]
        if bare.startswith(onset) and rime in _RIMES and _fits(rime, tone, toned - len(onset)):
            return True
    return False


def _fits(rime: str, tone: str, place: int) -> bool:
    """The tone stands on the main vowel, and a syllable that ends in a stop has one of two."""
    if not tone:
        return True
    if rime.endswith(("c", "ch", "p", "t")) and tone not in _STOPPED:
        return False
    qualities = [n for n, letter in enumerate(rime) if letter in "ăâêôơư"]
    if qualities:
        return place == (qualities[0] if rime in ("ưa", "ưi", "ưu") else qualities[-1])
    if rime[:2] in ("oa", "oe", "uy"):
        return place == 1 or (place == 0 and len(rime) == 2)  # both hòa and hoà are written
    return place == 0
