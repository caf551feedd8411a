declare const __QUANTC_VERSION__: string;

/** Version of this package. */
export const VERSION: string = __QUANTC_VERSION__;
