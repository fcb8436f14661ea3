// While an import runs, or a file is written, the page looks every second how far it is. Without script it loads itself anew.
const look = async () => {
  const here = document.getElementById('import');
  const to = here?.dataset.running;
  if (!to) return;
  try {
    const answer = await fetch(to);
    if (answer.redirected) {
      location.reload();
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('import');
    if (page && !page.dataset.running) {
      location.reload();
      return;
    }
    const status = page?.querySelector('[role=status]');
    if (status) here.querySelector('[role=status]').textContent = status.textContent;
  } catch {
    /* Offline for a moment: the next look tells. */
  }
  setTimeout(look, 1000);
};
setTimeout(look, 700);
