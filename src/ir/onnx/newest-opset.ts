/** The newest opset of ai.onnx that is read and written: every operator of the tables means there what they say. */
export const NEWEST_OPSET = 27;
