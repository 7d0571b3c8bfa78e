"""The judge: question and answer pairs, measures, and the gate."""
