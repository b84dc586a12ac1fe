/** Around each value that was filled in, until the lines are looked at. Taken out of the values themselves, so that nobody else can write them. */
export const VALUE_BEGIN = '\ue0f0';
export const VALUE_END = '\ue0f1';
