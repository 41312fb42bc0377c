/** A share in percent for people, with the digits that tell it from 0 and from 100 %: `99.95 %`, `0.02 %`. */
export function percent(share: number): string {
  const value = share * 100;
  const distance = Math.min(Math.abs(value), Math.abs(100 - value));
  const digits = distance === 0 ? 0 : Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(distance))));
  return `${Number(value.toFixed(digits))} %`;
}
