// Copies a code, shows the chosen person and the end of the chat; everything else on the page works without script.
document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
document.querySelector(".chat")?.scrollTo(0, 1e6);
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "已复制";
  } catch {
    const range = document.createRange();
    range.selectNodeContents(button.closest(".code").querySelector("code"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    button.textContent = "已选中";
  }
});
