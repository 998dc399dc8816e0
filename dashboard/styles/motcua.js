// What the pages need of the browser. Installed once a window; everything works on delegation,
// since the parts of a page come and go.
if (!window.motcua) {
  window.motcua = true;

  // The running application follows the address; the connection stays.
  const open = (target) => {
    if (target.searchParams.has("wall")) document.documentElement.requestFullscreen?.().catch(() => {});
    const isOther = target.pathname !== location.pathname;
    history.pushState({}, "", target);
    dispatchEvent(new PopStateEvent("popstate"));
    if (isOther) document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 });
  };

  const follow = (event) => {
    const link = event.target.closest('[data-testid="stHtml"] a[href]');
    const isPlain = !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !isPlain || event.defaultPrevented || link.hasAttribute("download")) return;
    const written = link.getAttribute("href");
    const target = new URL(link.href);
    if (target.origin !== location.origin) return;
    event.preventDefault();
    if (!written.startsWith("#")) return open(target);
    const part = document.getElementById(written.slice(1));
    part?.setAttribute("tabindex", "-1");
    part?.focus();
    part?.scrollIntoView();
  };

  // Plotly draws the picture itself; its one button is pressed with the form that is wanted.
  const takeImage = (event) => {
    const button = event.target.closest("button[data-image]");
    const plot = button?.closest('[class*="st-key-chart-"]')?.querySelector(".js-plotly-plot");
    if (!plot) return;
    plot._context.toImageButtonOptions = {
      format: button.dataset.image, filename: button.dataset.name, scale: 2,
    };
    plot.querySelector(".modebar-btn")?.click();
  };

  // On the wall any key and any click end the round.
  const leaveWall = () => {
    const target = new URL(location);
    if (!target.searchParams.has("wall")) return;
    ["wall", "seconds"].forEach((name) => target.searchParams.delete(name));
    if (document.fullscreenElement) document.exitFullscreen();
    open(target);
  };

  // A page taller than the screen passes by once while it stays.
  let shown = { path: "", since: 0 };
  const passBy = () => {
    const asked = new URLSearchParams(location.search);
    const main = document.querySelector('[data-testid="stMain"]');
    if (!asked.has("wall") || !main) return;
    if (shown.path !== location.pathname) shown = { path: location.pathname, since: Date.now() };
    const stays = 1000 * (Number(asked.get("seconds")) || 20);
    const share = Math.max(0, Math.min(1, (Date.now() - shown.since) / stays * 1.4 - 0.2));
    main.scrollTop = share * (main.scrollHeight - main.clientHeight);
  };

  document.addEventListener("click", follow);
  document.addEventListener("click", takeImage);
  document.addEventListener("keydown", leaveWall);
  document.addEventListener("pointerdown", leaveWall);
  setInterval(passBy, 60);
  // charts are drawn by the server, in the colours the system asked for when they were
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
    setTimeout(() => dispatchEvent(new PopStateEvent("popstate")), 500));
}
