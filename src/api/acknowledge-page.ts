const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark);
}

/** A page that needs no script and no style, as the policy of all pages allows. */
function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>${title}</title></head>
<body><main><h1>${title}</h1>
${body}
</main></body></html>
`;
}

/** Asks the recipient of an alert to say that it was seen; in English and French. */
export function acknowledgePage(recipient: string): string {
  return page(
    'Tocsin: alert / alerte',
    `<form method="post">
<p>For <strong>${escaped(recipient)}</strong>: say that you have seen this alert.<br>
Pour <strong>${escaped(recipient)}</strong> : signalez que vous avez vu cette alerte.</p>
<p><label>Your name / Votre nom <input name="name" maxlength="80" autocomplete="name"></label></p>
<p><label>Note <input name="note" maxlength="500"></label></p>
<p><button type="submit">Seen / Vu</button></p>
</form>`,
  );
}

export function acknowledgedPage(who: string): string {
  return page(
    'Tocsin: thank you / merci',
    `<p>Noted: ${escaped(who)} has seen the alert.<br>C’est noté : ${escaped(who)} a vu l’alerte.</p>`,
  );
}
