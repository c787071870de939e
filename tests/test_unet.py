"""The U-Net of examples/ on the arrays of every library that is installed, at a few pixels."""

import numpy as np
import pytest

import convcore
import rounding
import unet_network
from libraries import LIBRARIES, doubled
from unet_agreement import layer_by_layer, running
from unet_data import cells
from unet_network import initial_weights, unet
from unet_training import stray, train

LEVELS = (2, 3, 4)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Few channels, and the accuracy class that the bounds are derived from."""
    monkeypatch.setattr(unet_network, "WIDTHS", LEVELS)
    with convcore.use(accuracy="componentwise"):
        yield


@pytest.fixture
def weights():
    return initial_weights(seed=3)


@pytest.fixture
def image():
    """Of sizes that halve to odd ones, so that `output_size` matters."""
    return cells(2, 22, seed=5)[0][..., :-3]


def library_named(name):
    library = LIBRARIES[name]
    return library if library.is_installed else pytest.skip(f"{name} is not here")


def reference(x, weights, monkeypatch):
    unet_torch = pytest.importorskip("unet_torch", reason="PyTorch is not installed")
    monkeypatch.setattr(unet_torch, "WIDTHS", LEVELS)
    return unet_torch.run(x, weights)


@pytest.mark.parametrize("name", LIBRARIES)
def test_the_logits_keep_the_bound_of_the_whole(name, image, weights):
    x, weights = doubled([image, weights])
    logits = library_named(name).run(unet, x, weights)
    assert (logits.shape, logits.dtype) == (image.shape, np.float64)
    true = running(x, weights)
    # What is compared with is NumPy's, and as far from the truth as any may be.
    assert np.all(np.abs(logits - true.value) <= 2 * true.error)
    assert np.all(true.error < 1e-9 * np.max(np.abs(true.value)))


def test_the_bound_of_the_whole_rules_out_single_precision(image, weights):
    true = running(*doubled([image, weights]))
    single = unet(image, weights)
    assert np.max(np.abs(single - true.value) / true.error) > 2


@pytest.mark.parametrize("name", LIBRARIES)
def test_every_layer_agrees_with_torch_nn(name, image, weights, monkeypatch):
    _, outputs = reference(image, weights, monkeypatch)
    assert len(outputs) == 10
    assert 0 < layer_by_layer(library_named(name), image, weights, outputs) <= 1


WRONG = {
    "a sample late": lambda y: np.roll(y, 1, axis=-1),
    "one border": lambda y: np.pad(y[..., 1:], [(0, 0)] * 3 + [(1, 0)]),
    "10 bits": lambda y: y * np.float32(1 + 2**-10),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("layer", range(10))
def test_a_wrong_layer_of_torch_nn_is_found(layer, wrong, image, weights, monkeypatch):
    _, outputs = reference(image, weights, monkeypatch)
    outputs[layer] = WRONG[wrong](outputs[layer])
    assert layer_by_layer(LIBRARIES["numpy"], image, weights, outputs) > 1


def test_an_output_too_many_of_torch_nn_is_refused(image, weights, monkeypatch):
    _, outputs = reference(image, weights, monkeypatch)
    with pytest.raises(ValueError, match="compared 10 of the 11 layers of torch"):
        layer_by_layer(LIBRARIES["torch"], image, weights, [*outputs, outputs[-1]])


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_training_lowers_the_loss(name, monkeypatch):
    monkeypatch.setattr(unet_network, "WIDTHS", LEVELS[:2])  # for XLA, which compiles it
    batches = [cells(2, 16, seed=0)] * 8
    trained, losses = train(library_named(name), initial_weights(seed=3), batches)
    assert np.all(np.diff(losses) < 0)
    assert {array.dtype.name for array in (losses, *trained.values())} == {"float32"}


def test_losses_of_torch_go_astray_with_the_weights(weights):
    batches = [cells(2, 16, seed) for seed in range(3)]
    torch = library_named("torch")
    assert np.all(stray(torch, weights, batches, 0.0) == 0)
    near, far = (stray(torch, weights, batches, size) for size in (1e-7, 1e-4))
    assert np.all((near > 0) & (far > 10 * near))


def test_rounding_counts_the_terms_that_there_are():
    x, w, bias = np.array([[1.0, -2.0, 3.0]]), np.array([[[1.0, -1.0]]]), np.array([-5.0])
    bound = rounding.rounding_of(convcore.conv, x, w, bias, dtype="float32", padding=1)
    magnitude, terms = np.array([[1, 3, 5, 3]]) + 5, np.array([[1, 2, 2, 1]]) + 1
    tiny = 2.0**-126
    assert bound.tolist() == ((terms + 5) * 2.0**-24 * magnitude + terms * tiny).tolist()


def carrying(values, errors):
    return rounding.Running(np.array([values]), np.array([errors]), "float64")


def test_errors_are_passed_on():
    x = carrying([1.0, -2.0], [0.25, 0.5])
    one = np.ones((1, 1, 1))
    y = rounding.conv(x, -3 * one, np.zeros(1))
    made = rounding.rounding_of(convcore.conv, [[1.5, 3.0]], 3 * one, None, dtype="float64")
    assert y.value.tolist() == [[-3, 6]]
    assert y.error.tolist() == (np.array([[0.75, 1.5]]) + made).tolist()
    positive = rounding.maximum(x, rounding.zeros_like(x))
    assert (positive.value.tolist(), positive.error.tolist()) == ([[1, 0]], [[0.25, 0.5]])
    both = rounding.concat([x, positive], axis=1)
    assert (both.shape, both.error.tolist()) == ((1, 4), [[0.25, 0.5, 0.25, 0.5]])
