/** What was asked for by hand is no question that could be answered: a sentence for whoever asked. */
export class RequestFault extends Error {
  override readonly name = "RequestFault";
}
