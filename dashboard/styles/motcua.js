// Links of the pages open inside the running application: the address changes, the page follows.
if (!window.motcuaFollowsLinks) {
  window.motcuaFollowsLinks = true;
  document.addEventListener("click", (event) => {
    const link = event.target.closest('[data-testid="stHtml"] a[href]');
    const isPlain = !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !isPlain || event.defaultPrevented || link.hasAttribute("download")) return;
    const target = new URL(link.href);
    if (target.origin !== location.origin || link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    const isOther = target.pathname !== location.pathname;
    history.pushState({}, "", target);
    dispatchEvent(new PopStateEvent("popstate"));
    if (isOther) document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 });
  });
}
