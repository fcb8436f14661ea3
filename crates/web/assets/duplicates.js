// While a new record is typed: asks which records may be the same and shows them above the buttons.
const form = document.querySelector('form.form[action$="/new"]');
if (form) {
  const address = form.getAttribute('action').replace(/\/new$/, '/duplicates');
  const place = document.createElement('div');
  place.className = 'likely';
  place.setAttribute('aria-live', 'polite');
  form.querySelector('.foot')?.before(place);
  let timer = 0;
  let asked = '';
  let latest = 0;
  const ask = async () => {
    const body = new URLSearchParams(new FormData(form));
    const text = body.toString();
    if (text === asked) return;
    asked = text;
    const mine = ++latest;
    try {
      const answer = await fetch(address, { method: 'POST', body, headers: { accept: 'text/html' } });
      // An answer that was overtaken by a later question says nothing any more.
      if (!answer.ok || mine !== latest) return;
      const read = new DOMParser().parseFromString(await answer.text(), 'text/html');
      place.replaceChildren(...read.body.childNodes);
    } catch {
      // Without the network the form works as it did.
    }
  };
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 350);
  });
  ask();
}
