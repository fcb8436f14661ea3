// Reminders: what is due within a quarter of an hour is said once, in the corner, while the page is looked at; and the
// number at the bell.
{
  const key = 'peyvand-reminded';
  const box = document.querySelector('.toasts');
  const remind = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch('/calendar/soon', { headers: { accept: 'application/json' } });
      if (!answer.ok || answer.redirected) return;
      const { items = [], unread = '' } = await answer.json();
      for (const badge of document.querySelectorAll('[data-unread]')) {
        badge.textContent = unread;
        badge.hidden = !unread;
      }
      const told = new Set(JSON.parse(sessionStorage.getItem(key) ?? '[]'));
      for (const item of items.filter(i => !told.has(i.id))) {
        told.add(item.id);
        const toast = document.createElement('div');
        const link = document.createElement('a');
        toast.className = 'toast';
        link.href = item.to;
        link.textContent = item.text;
        toast.append(link);
        box.append(toast);
      }
      sessionStorage.setItem(key, JSON.stringify([...told]));
    } catch {
      /* Offline: the next look tells. */
    }
  };
  if (box && document.querySelector('.me')) {
    setTimeout(remind, 3000);
    setInterval(remind, 60_000);
    document.addEventListener('visibilitychange', remind);
    document.addEventListener('peyvand:told', remind);
  }
}
