// @ts-expect-error jstat ships no types; the few functions used here are declared below.
import jstat from "jstat";

interface TwoParameterLaw {
  cdf(x: number, first: number, second: number): number;
  inv(p: number, first: number, second: number): number;
}

interface OneParameterLaw {
  cdf(x: number, degreesOfFreedom: number): number;
  inv(p: number, degreesOfFreedom: number): number;
}

/** The part of jstat 1.9 that this package calls. */
export interface JStat {
  readonly normal: TwoParameterLaw;
  readonly beta: TwoParameterLaw;
  readonly studentt: OneParameterLaw;
  readonly chisquare: OneParameterLaw;
}

export const jStat: JStat = (jstat as { jStat: JStat }).jStat;
