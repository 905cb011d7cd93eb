// A variable goes to where the caret was; the form then hears it as typing.
let last = null;
document.addEventListener("focusin", (event) => {
  if (event.target.closest("#words") && /^(fields\.|body$|link$|page$)/.test(event.target.name)) last = event.target;
});
document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-variable]");
  if (!chip) return;
  const field = last && last.isConnected ? last : document.querySelector("#words textarea, #words input[name^='fields.']");
  if (!field) return;
  field.focus();
  field.setRangeText(`{{${chip.dataset.variable}}}`, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
