/** An answer of Tempo that is no success: its status and the text of its body. */
export class TempoError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
    super(text);
    this.name = "TempoError";
    this.status = status;
    this.headers = headers;
  }
}
