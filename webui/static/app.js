// Small behaviours of the server-rendered pages. Everything works without them, only less comfortably.
(() => {
  const box = document.querySelector("[data-quick]");
  const hits = document.getElementById("quick-hits");
  if (box && hits) {
    const close = () => hits.replaceChildren();
    document.addEventListener("click", (event) => {
      if (!event.target.closest(".rt-quick")) close();
    });
    box.closest("form").addEventListener("keydown", (event) => {
      const links = [...hits.querySelectorAll("a")];
      const at = links.indexOf(document.activeElement);
      if (event.key === "Escape") {
        close();
        box.focus();
      } else if (event.key === "ArrowDown" && links.length) {
        event.preventDefault();
        links[Math.min(at + 1, links.length - 1)].focus();
      } else if (event.key === "ArrowUp" && at >= 0) {
        event.preventDefault();
        (at === 0 ? box : links[at - 1]).focus();
      }
    });
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
      if (event.key === "/" && !typing) {
        event.preventDefault();
        box.focus();
      }
    });
  }
  for (const area of document.querySelectorAll("[data-run-keys]")) {
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) area.form.requestSubmit();
    });
  }
  for (const button of document.querySelectorAll("[data-fill]")) {
    button.addEventListener("click", () => {
      const area = document.getElementById(button.dataset.fill);
      area.value = button.textContent;
      area.dispatchEvent(new Event("input"));
      area.focus();
    });
  }
})();
