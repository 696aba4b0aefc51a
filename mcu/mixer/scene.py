"""What control says a view shows: the arguments of ``view.put``, checked, as values. Nothing native in here."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError

from mcu.errors import BadRequest
from mcu.mixer.users import NAME

Name = Annotated[str, Field(pattern=rf"^{NAME}$")]
_Args = TypeVar("_Args", bound=BaseModel)
_Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
# H.264 table A-1; 9 is level 1b as the engine takes it.
_LEVELS = frozenset({9, 10, 11, 12, 13, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51, 52})

MOST_BANNER = 512  # characters, as mcu.mixer.banner draws them
_SIZES = frozenset({(352, 288), (176, 144)})  # of H.263 and H.261: CIF and QCIF


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TileSpec(_Value):
    """A pane: a rectangle in fractions of the canvas, and the participant in it. None leaves it blank; an empty one
    makes it a card with ``name`` on it."""

    participant: Name | Literal[""] | None = None
    x: _Fraction
    y: _Fraction
    w: _Fraction
    h: _Fraction
    name: str = Field("", max_length=512)
    speaking: StrictBool = False
    muted: StrictBool = False
    crop: StrictBool = False
    hand: StrictBool = False  # raised


class BannerSpec(_Value):
    """A line of text over the picture, which stands in the middle or comes by from right to left."""

    text: str = Field(max_length=MOST_BANNER)
    scroll: StrictBool = False


class SceneSpec(_Value):
    """Canvas in pixels, pictures a second, panes in the order in which they are drawn, a line of text on top."""

    width: int = Field(ge=16, le=1920)
    height: int = Field(ge=16, le=1088)
    fps: int = Field(ge=1, le=60)
    tiles: tuple[TileSpec, ...] = Field(max_length=128)
    banner: BannerSpec | None = None


class ClassSpec(_Value):
    """A kind of receiver: codec, largest size in pixels, pictures and kbit a second, and H.264 level it takes."""

    name: Name
    width: int = Field(ge=16, le=1920)
    height: int = Field(ge=16, le=1088)
    fps: int = Field(ge=1, le=60)
    kbps: int = Field(ge=16, le=50_000)
    level_idc: int  # of H.264 only
    codec: Literal["h264", "h263p", "h263", "h261"] = "h264"


class ViewSpec(_Value):
    """A view as a whole: what it shows, and the classes that it is encoded in."""

    view: Name
    scene: SceneSpec
    classes: tuple[ClassSpec, ...] = Field(max_length=32)


class StillRequest(_Value):
    view: Name
    width: int = Field(0, ge=0, le=1920)


class ViewName(_Value):
    view: Name


def parse_view(args: dict[str, Any]) -> ViewSpec:
    """The arguments of ``view.put``. Raises BadRequest with the places and reasons."""
    spec = parse(ViewSpec, args)
    names = [rate_class.name for rate_class in spec.classes]
    if len(set(names)) != len(names):
        raise BadRequest("classes: a name occurs twice")
    for rate_class in spec.classes:
        if rate_class.codec != "h264":
            if (rate_class.width, rate_class.height) not in _SIZES:
                raise BadRequest(f"classes.{rate_class.name}: {rate_class.codec} comes in CIF and QCIF only")
        elif rate_class.level_idc not in _LEVELS:
            raise BadRequest(f"classes.{rate_class.name}.level_idc: {rate_class.level_idc} is no level of H.264")
    return spec


def parse(model: type[_Args], args: dict[str, Any]) -> _Args:
    """``args`` as ``model``. Raises BadRequest with the places and reasons."""
    try:
        return model.model_validate(args)
    except ValidationError as fault:
        raise BadRequest(
            "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in fault.errors()[:5])
        ) from None
