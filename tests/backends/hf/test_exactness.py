from __future__ import annotations

import torch

from simulator.backends.hf.exactness import lay_out, steady_rows


class Fickle(torch.nn.Linear):  # type: ignore[misc]
    """Computes other bits for fewer than 7 and for more than 100 rows."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = super().forward(inputs)
        return outputs if 7 <= inputs.shape[0] <= 100 else outputs + 1e-6


Fickle.__name__ = "Linear"


def test_the_rows_with_steady_bits_are_found_by_trying() -> None:
    torch.manual_seed(0)
    plain = torch.nn.Sequential(torch.nn.Linear(48, 32), torch.nn.ReLU(), torch.nn.Linear(32, 48))
    lay_out(plain)
    found = steady_rows(plain)
    assert found is not None
    least, most = found
    inputs = torch.randn(most, 48)
    with torch.inference_mode():
        whole = plain(inputs)
        for rows in (least, least + 1, 20, 64):
            assert torch.equal(plain(inputs[:rows]), whole[:rows])
    assert steady_rows(torch.nn.Sequential(plain, Fickle(8, 8))) == (8, 111)


def test_a_layer_that_is_never_steady_is_told() -> None:
    class Random(torch.nn.Linear):  # type: ignore[misc]
        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return torch.rand(inputs.shape[0], self.out_features)

    Random.__name__ = "Linear"
    assert steady_rows(torch.nn.Sequential(Random(8, 8))) is None


def test_laying_out_changes_no_weight_and_unties_none_of_the_embeddings() -> None:
    model = torch.nn.Sequential(torch.nn.Embedding(10, 4), torch.nn.Linear(4, 10, bias=False))
    model[1].weight = model[0].weight
    before = model[0].weight.detach().clone()
    lay_out(model)
    assert torch.equal(model[1].weight, before)
    assert model[0].weight.is_contiguous()
    assert not model[1].weight.is_contiguous()
