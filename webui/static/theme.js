// Sets Bootstrap's colour mode before the page is drawn: the person's choice, else what the system prefers.
(() => {
  const root = document.documentElement;
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const wanted = root.dataset.theme;
    root.dataset.bsTheme = wanted === "dark" || (wanted !== "light" && prefersDark.matches) ? "dark" : "light";
  };
  apply();
  prefersDark.addEventListener("change", apply);
})();
