// How something repeats, in words while it is chosen.
{
  let timer = 0;
  let latest = 0;
  const said = async (box, form) => {
    const key = box.querySelector('.how').name;
    const mine = ++latest;
    const given = new URLSearchParams(
      [...new FormData(form)].filter(([k]) => k === key || k.startsWith(`${key}.`) || /^(starts|due)_at$/.test(k)),
    );
    try {
      const answer = await fetch(`${box.dataset.words}?${given}`, { headers: { accept: 'application/json' } });
      // An answer that was overtaken by a later question says nothing any more.
      if (!answer.ok || answer.redirected || mine !== latest) return;
      const { words, wrong } = await answer.json();
      const line = box.querySelector('.words');
      line.textContent = words;
      line.classList.toggle('wrong', wrong);
    } catch {
      /* Offline: the words come with the answer. */
    }
  };
  document.addEventListener('input', e => {
    const form = e.target.closest?.('form');
    const box = form?.querySelector('.repeat');
    if (!box || !(box.contains(e.target) || /^(starts|due)_at$/.test(e.target.name))) return;
    clearTimeout(timer);
    timer = setTimeout(said, 120, box, form);
  });
}
