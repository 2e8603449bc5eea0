/** What a web server answers, or nothing where none is reached. */
export async function fetchText(url: string): Promise<string | undefined> {
  return fetch(url)
    .then((response) => response.text())
    .catch(() => undefined);
}
