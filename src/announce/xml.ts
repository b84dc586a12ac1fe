/** Text as it stands in XML (XML 1.0 §2.4); what can stand in no document is left out. */
export function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, '').replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}

// XML 1.0 §2.2: no controls but tab and line ends, no lone surrogates.
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
