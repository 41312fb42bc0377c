/** Which panels are asked when: some at a time, the newest round only. Pure. */
export class Rounds {
  #atATime;
  #work;
  #round = 0;
  #waiting = [];
  #isRunning = false;

  /** `work` gets an item and a function that tells whether its round is still the newest. */
  constructor(atATime, work) {
    this.#atATime = atATime;
    this.#work = work;
  }

  get isRunning() {
    return this.#isRunning;
  }

  /** Takes the place of the round before. Answers whether it came to its end as the newest one. */
  async start(items) {
    this.#round += 1;
    const mine = this.#round;
    const isNewest = () => mine === this.#round;
    this.#waiting = [...items];
    this.#isRunning = true;
    const workOn = async () => {
      if (!isNewest() || this.#waiting.length === 0) return;
      await this.#work(this.#waiting.shift(), isNewest);
      await workOn();
    };
    try {
      await Promise.all(Array.from({ length: this.#atATime }, workOn));
    } finally {
      if (isNewest()) this.#isRunning = false;
    }
    return isNewest();
  }

  /** Has more items done by the round that runs. */
  add(items) {
    this.#waiting.push(...items);
  }
}
