/** Addresses of the files that lie beside this script: workers, which the page's policy allows from files only. */
const HERE = (document.currentScript as HTMLScriptElement | null)?.src ?? location.href;

export function beside(file: string): string {
  return new URL(file, HERE).href;
}
