/** Answers that do not change while what they were computed from lives: views and states are never changed in place. */
export function kept<T extends object, R>(compute: (of: T) => R): (of: T) => R {
  const known = new WeakMap<T, R>();
  return (of) => {
    let answer = known.get(of);
    if (answer === undefined) known.set(of, (answer = compute(of)));
    return answer;
  };
}
