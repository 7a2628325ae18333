"""Softmax regression by stochastic gradient descent, twice: in numpy, and in plain Python for where there is none.

A model is w (pixels × classes, row by row), then b (classes). Both do the same in the same order of steps; sums inside
one step differ in their last bits.
"""

import math

try:
    import numpy
except ImportError:
    numpy = None

BATCH, RATE = 20, 0.1


def train(parameters, examples, classes, proximal_mu=0.0):
    """One pass over the examples, (pixels in [0, 1], label) each. Returns the new parameters."""
    step = step_here()
    start = list(parameters)
    model = start
    for at in range(0, len(examples), BATCH):
        gradient = step(model, examples[at : at + BATCH], classes)
        # FedProx: the loss has μ/2·‖w − start‖² besides
        model = [w - RATE * (g + proximal_mu * (w - x)) for w, g, x in zip(model, gradient, start)]
    return model


def step_here():
    return numpy_step if numpy else plain_step


def accuracy(parameters, examples, classes):
    """Share of the examples whose likeliest class is theirs."""
    hits = 0
    for pixels, label in examples:
        scores = _scores(parameters, pixels, classes)
        hits += scores.index(max(scores)) == label
    return hits / len(examples)


def plain_step(model, batch, classes):
    """The mean gradient over a batch."""
    gradient = [0.0] * len(model)
    bias = len(model) - classes
    for pixels, label in batch:
        scores = _scores(model, pixels, classes)
        exponentials = [math.exp(score - max(scores)) for score in scores]
        total = sum(exponentials)
        errors = [(e / total - (c == label)) / len(batch) for c, e in enumerate(exponentials)]
        for c, error in enumerate(errors):
            gradient[bias + c] += error
        for i, pixel in enumerate(pixels):
            if pixel:
                for c, error in enumerate(errors):
                    gradient[i * classes + c] += pixel * error
    return gradient


def _scores(model, pixels, classes):
    scores = list(model[len(model) - classes :])
    for i, pixel in enumerate(pixels):
        if pixel:
            for c in range(classes):
                scores[c] += pixel * model[i * classes + c]
    return scores


def numpy_step(model, batch, classes):
    inputs = numpy.array([pixels for pixels, _ in batch])
    labels = numpy.array([label for _, label in batch])
    w = numpy.array(model[: len(model) - classes]).reshape(-1, classes)
    scores = inputs @ w + numpy.array(model[len(model) - classes :])
    likely = numpy.exp(scores - scores.max(axis=1, keepdims=True))
    likely /= likely.sum(axis=1, keepdims=True)
    likely[numpy.arange(len(batch)), labels] -= 1
    likely /= len(batch)
    return [*(inputs.T @ likely).ravel().tolist(), *likely.sum(axis=0).tolist()]
