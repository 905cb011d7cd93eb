// The form of a reply: shows what belongs to what was chosen, puts variables where one writes. Without it everything is there.
(() => {
  const form = document.getElementById("rule");
  if (!form) return;
  const value = (name) => form.elements[name]?.value ?? "";
  const settle = () => {
    const occasion = value("occasion");
    const ways = [...form.elements.matching.options];
    ways.forEach((way) => { way.hidden = way.disabled = !way.dataset.for.split(" ").includes(occasion); });
    if (form.elements.matching.selectedOptions[0]?.disabled) form.elements.matching.value = ways.find((way) => !way.disabled).value;
    form.querySelectorAll("[data-show]").forEach((part) => {
      const chosen = value(part.dataset.show);
      part.hidden = part.dataset.not ? chosen === part.dataset.not : !part.dataset.only.split(" ").includes(chosen);
    });
  };
  let last = form.elements.body;
  form.addEventListener("focusin", (event) => { if (event.target.matches("textarea:not([name=words])")) last = event.target; });
  form.addEventListener("change", settle);
  document.querySelectorAll("[data-insert]").forEach((button) => button.addEventListener("click", () => {
    last.setRangeText(button.dataset.insert, last.selectionStart, last.selectionEnd, "end");
    last.dispatchEvent(new Event("input", { bubbles: true }));
    last.focus();
  }));
  settle();
})();
