import { dropped, remarks, type NormalRule } from './rule.js';

/** MaxPool: the memory order of its indices matters only where they are read. */
export const MAX_POOL: NormalRule = {
  ops: ['MaxPool'],
  apply(draft) {
    if (draft.isRead(1)) return undefined;
    return dropped(draft.drop('storage_order'), 'nothing reads the indices');
  },
};

/** Optional results at the end that nothing reads: masks, indices, statistics, final states. */
export const UNREAD_OUTPUTS: NormalRule = {
  ops: ['Dropout', 'MaxPool', 'BatchNormalization', 'LayerNormalization', 'RNN', 'GRU', 'LSTM'],
  apply(draft) {
    const last = Math.max(
      0,
      draft.outputs.findLastIndex((output) => output.read),
    );
    const unread = draft.outputs.slice(last + 1).filter((output) => output.name !== '');
    draft.outputs = draft.outputs.slice(0, last + 1);
    return remarks(
      dropped(
        unread.map((output) => `'${output.name}'`),
        'not read',
      ),
    );
  },
};
