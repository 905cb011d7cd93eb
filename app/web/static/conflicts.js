// One hand on the keyboard: J and K through the pairs, M and N decide; the mouse can do all of it too.
const current = () => document.querySelector(".pair[aria-current]");
const pairs = () => [...document.querySelectorAll("#queue .pair")];

function step(by) {
  const all = pairs();
  const next = all[all.indexOf(current()) + by];
  if (!next) return;
  next.click();
  next.scrollIntoView({ block: "nearest" });
}

function decide(verdict) {
  const why = document.getElementById("why");
  const button = document.querySelector(`button[name=verdict][value=${verdict}]`);
  if (!button || button.disabled) return;
  if (why.value.trim()) return button.click();
  why.focus();
  why.dataset.then = verdict;
}

document.addEventListener("click", (event) => {
  const pair = event.target.closest(".pair");
  if (pair) {
    current()?.removeAttribute("aria-current");
    pair.setAttribute("aria-current", "true");
  }
  const chosen = event.target.closest("[data-reason]");
  if (chosen) document.getElementById("why").value = chosen.textContent;
});

// Where to go on after the decision: the pair that stands next in the list.
document.addEventListener("submit", (event) => {
  const form = event.target.closest(".decide");
  const all = pairs();
  const here = all.indexOf(current());
  const next = here < 0 ? undefined : (all[here + 1] ?? all[here - 1]);
  if (!form || !next) return;
  form.elements.next_person.value = next.dataset.person;
  form.elements.next_other.value = next.dataset.other;
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    // Enter after M or N carries out what was asked for, not the form's first button.
    if (event.key === "Enter" && event.target.id === "why") {
      event.preventDefault();
      if (event.target.dataset.then) decide(event.target.dataset.then);
    }
    return;
  }
  const act = { j: () => step(1), k: () => step(-1), m: () => decide("same"), n: () => decide("apart") }[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});
