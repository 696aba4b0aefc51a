// What can be done with one site in the meeting: the buttons below its row.
import { attribute, el, icon, text } from "./dom.js";
import { state } from "./store.js";
import { t } from "./text.js";
import { carryOut } from "./conduct.js";

const acts = [
  ["broadcast", "screen", () => t("Show to all"), (person) => t("All see {name}", person)],
  ["floor", "mic", () => t("Give the floor"), (person) => t("{name} has the floor", person)],
  ["lecture", "lecture", () => t("Lecture"), (person) => t("{name} gives a lecture", person)],
  ["view", "eye", () => t("Show to the chair alone"), (person) => t("The chair sees {name}", person)],
  ["chair", "chair", () => t("Make the chair"), (person) => t("{name} is the chair", person)],
  ["deafen", "sound-off", () => t("Loudspeaker off"), (person) => t("{name} hears nothing now", person)],
  ["hand", "hand", () => t("Lower the hand"), () => ""],
];

export function build() {
  const box = el("div", { class: "details-acts site-acts", role: "group" });
  for (const [act, sign, words] of acts) {
    box.append(el("button", { type: "button", class: "button button-small", "data-site-act": act }, icon(sign), el("span", {}, words())));
  }
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-site-act]");
    const person = button && state.people.get(box.dataset.id);
    if (person) carry(person, button.dataset.siteAct);
  });
  return box;
}

function carry(person, act) {
  const direction = state.directions.get(person.room);
  const [, , , said] = acts.find(([name]) => name === act);
  const body = { act, participant: person.id };
  let words = said(person);
  if (act === "view") {
    body.viewer = direction.chair;
    if (direction.views?.[direction.chair] === person.id) {
      body.participant = null;
      words = t("The chair sees what it saw before");
    }
  }
  if (act === "chair" && direction?.chair === person.id) {
    body.participant = null;
    words = t("The meeting has no chair now");
  } else if (act === "deafen") {
    body.on = !person.deafened;
    if (!body.on) words = t("{name} hears again", person);
  } else if (act === "hand") body.on = false;
  return carryOut(person.room, body, words);
}

/** As things are now. */
export function draw(box, person) {
  const direction = state.directions.get(person.room);
  box.dataset.id = person.id;
  box.hidden = Boolean(person.presents);
  attribute(box, "aria-label", t("What to do with {name}", person));
  const of = (act) => box.querySelector(`[data-site-act=${act}]`);
  for (const mode of ["broadcast", "floor", "lecture"]) attribute(of(mode), "aria-pressed", String(direction?.mode === mode && direction.focus === person.id));
  const chair = direction?.chair === person.id;
  attribute(of("chair"), "aria-pressed", String(chair));
  text(of("chair").lastElementChild, chair ? t("No longer the chair") : t("Make the chair"));
  of("view").hidden = !direction?.chair || chair;
  attribute(of("view"), "aria-pressed", String(Boolean(direction?.chair) && direction.views?.[direction.chair] === person.id));
  attribute(of("deafen"), "aria-pressed", String(Boolean(person.deafened)));
  text(of("deafen").lastElementChild, person.deafened ? t("Loudspeaker on") : t("Loudspeaker off"));
  of("hand").hidden = !person.hand;
}
