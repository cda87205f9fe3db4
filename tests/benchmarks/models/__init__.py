"""Five models of a learner's own, as files for `gdtui train`; Keras `fit` trains the same."""
