"""The model itself: gradient boosting fitted in order of time, calibrated on later transfers, tested on the last.

XGBoost (Chen & Guestrin 2016): its wheel brings its own OpenMP, so a machine needs nothing installed. Explanations are
TreeSHAP (Lundberg et al. 2020): each column's part of the log odds, which add up to the score exactly.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.clock import DAY_MS
from core.errors import BadInput

if TYPE_CHECKING:
    import xgboost as xgb  # with scikit-learn it takes seconds to import: functions import it when they run

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
#: Shares of the transfers, by time, for fitting, calibration and test, as Altman et al. (2023) split AMLworld.
SPLIT = (0.6, 0.2, 0.2)
#: Fewer labelled frauds in any part say nothing.
LEAST_FRAUDS = 10
SETTINGS = {
    "objective": "binary:logistic", "eval_metric": "aucpr", "tree_method": "hist", "max_depth": 6, "eta": 0.08,
    "min_child_weight": 4, "subsample": 0.8, "colsample_bytree": 0.6, "lambda": 2.0, "max_bin": 256, "nthread": 2,
    "seed": 7,
}  # fmt: skip
_ROUNDS, _PATIENCE = 400, 40


@dataclass(frozen=True, slots=True, eq=False)
class RiskModel:
    """A fitted model. `knots` map its raw probability to a calibrated one; `threshold` is calibrated, 0 to 1."""

    booster: xgb.Booster
    names: tuple[str, ...]
    knots: tuple[tuple[float, ...], tuple[float, ...]]
    threshold: float
    card: dict[str, Any]

    def probability(self, values: npt.NDArray[np.float32]) -> Floats:
        """Calibrated probability of fraud of each row."""
        import xgboost as xgb

        raw = self.booster.predict(xgb.DMatrix(values, feature_names=list(self.names)))
        return np.asarray(np.interp(raw, *self.knots), np.float64)

    def parts(self, values: npt.NDArray[np.float32]) -> Floats:
        """Each column's part of the log odds, the base in the last column; a row's parts add up to its log odds."""
        import xgboost as xgb

        rows = xgb.DMatrix(values, feature_names=list(self.names))
        return np.asarray(self.booster.predict(rows, pred_contribs=True), np.float64)


def split_by_time(
    at_ms: npt.NDArray[np.int64], split: tuple[float, float, float] = SPLIT
) -> tuple[slice, slice, slice]:
    """Fit, calibration and test rows of a table in time order; transfers of one moment are never parted."""
    if min(split) <= 0 or abs(sum(split) - 1) > 1e-6:
        raise BadInput(f"split: expected three shares above 0 that make 1, not {split}")
    total, edges = len(at_ms), [0]
    for share in np.cumsum(split[:2]):
        place = min(total - 1, int(total * share))
        edges.append(int(np.searchsorted(at_ms, at_ms[place])) if total else 0)
    fit, later = edges[1], edges[2]
    return slice(0, fit), slice(fit, later), slice(later, total)


def fit(
    values: npt.NDArray[np.float32], names: tuple[str, ...], is_fraud: Flags, at_ms: npt.NDArray[np.int64], *,
    alerts_per_day: float, split: tuple[float, float, float] = SPLIT, parts: tuple[slice, slice, slice] | None = None,
) -> RiskModel:  # fmt: skip
    """Fit on the first part of the transfers by time, calibrate and choose the threshold on the next, test on the last.

    `parts` names the rows of the three parts instead of shares by time: for data sets laid one after the other.
    `alerts_per_day` is how many alerts people can look at: the threshold is the lowest that kept to it. The card holds the
    figures of the test. Raises BadInput when a part has fewer than LEAST_FRAUDS frauds: choose other shares.
    """
    import xgboost as xgb

    parts = parts or split_by_time(at_ms, split)
    for what, rows in zip(("fitting", "calibration", "test"), parts, strict=True):
        frauds = int(is_fraud[rows].sum())
        if frauds < LEAST_FRAUDS:
            raise BadInput(
                f"labels: {frauds} fraudulent transfers in the {what} period, at least {LEAST_FRAUDS} expected: choose another split",
                code="too_few_labels",
            )
    fitting, later, last = parts
    sets = [xgb.DMatrix(values[rows], is_fraud[rows], feature_names=list(names)) for rows in (fitting, later)]
    booster = xgb.train(
        SETTINGS, sets[0], _ROUNDS, evals=[(sets[1], "later")], early_stopping_rounds=_PATIENCE, verbose_eval=False
    )
    booster = booster[: booster.best_iteration + 1]
    raw = booster.predict(sets[1])
    knots = _calibrate(raw, is_fraud[later])
    threshold = _within(np.interp(raw, *knots), at_ms[later], alerts_per_day)
    model = RiskModel(booster, names, knots, threshold, {})
    figures = measure(model.probability(values[last]), is_fraud[last], at_ms[last], threshold)
    best = _best_threshold(np.interp(raw, *knots), is_fraud[later])
    figures["f1_at_best_calibration_threshold"] = measure(
        model.probability(values[last]), is_fraud[last], at_ms[last], best
    )["f1"]
    periods = {
        what: {"transfers": rows.stop - rows.start, "frauds": int(is_fraud[rows].sum()),
               "from_ms": int(at_ms[rows.start]), "to_ms": int(at_ms[rows.stop - 1])}
        for what, rows in zip(("fitting", "calibration", "test"), parts, strict=True)
    }  # fmt: skip
    return RiskModel(booster, names, knots, threshold, {"periods": periods, "test": figures})


def _calibrate(raw: npt.NDArray[np.float32], is_fraud: Flags) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Isotonic regression (Zadrozny & Elkan 2002), made strictly rising so that ranking is not lost."""
    from sklearn.isotonic import IsotonicRegression

    curve = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(raw, is_fraud)
    xs = np.concatenate([[0.0], curve.X_thresholds_, [1.0]])
    ys = np.concatenate([[0.0], curve.y_thresholds_, [1.0]])
    mixed = np.clip(0.98 * ys + 0.02 * xs, 0.0, 1.0)
    return tuple(map(float, xs)), tuple(map(float, mixed))


def _within(probability: Floats, at_ms: npt.NDArray[np.int64], alerts_per_day: float) -> float:
    days = max(1.0, (int(at_ms[-1]) - int(at_ms[0])) / DAY_MS)
    allowed = int(alerts_per_day * days)
    ranked = np.sort(probability)[::-1]
    if allowed >= len(ranked):
        return float(ranked[-1])
    return float(np.nextafter(ranked[allowed], 2.0))


def _best_threshold(probability: Floats, is_fraud: Flags) -> float:
    order = np.argsort(-probability, kind="stable")
    right = np.cumsum(is_fraud[order])
    f1 = 2 * right / (np.arange(1, len(order) + 1) + is_fraud.sum())
    return float(probability[order[int(f1.argmax())]])


def measure(probability: Floats, is_fraud: Flags, at_ms: npt.NDArray[np.int64], threshold: float) -> dict[str, Any]:
    """Average precision, and alerts, precision, recall and F1 at a threshold; reliability by tenths of probability."""
    from sklearn.metrics import average_precision_score

    alert = probability >= threshold
    right, days = int((alert & is_fraud).sum()), max(1.0, (int(at_ms[-1]) - int(at_ms[0])) / DAY_MS)
    precision, recall = right / max(1, int(alert.sum())), right / max(1, int(is_fraud.sum()))
    tenth = np.minimum(9, (probability * 10).astype(int))
    reliability = [
        {"said": round(float(probability[tenth == t].mean()), 4), "was": round(float(is_fraud[tenth == t].mean()), 4),
         "transfers": int((tenth == t).sum())}
        for t in range(10) if (tenth == t).any()
    ]  # fmt: skip
    return {
        "average_precision": round(float(average_precision_score(is_fraud, probability)), 4),
        "threshold": threshold, "alerts": int(alert.sum()), "alerts_per_day": round(float(alert.sum() / days), 2),
        "precision": round(precision, 4), "recall": round(recall, 4),
        "f1": round(2 * precision * recall / (precision + recall), 4) if right else 0.0, "reliability": reliability,
    }  # fmt: skip


def to_files(model: RiskModel) -> dict[str, bytes]:
    """The model as files of text: `trees.json` (XGBoost's own), `model.json` (names, calibration, threshold, card)."""
    rest = {"names": model.names, "knots": model.knots, "threshold": model.threshold, "card": model.card}
    return {
        "trees.json": bytes(model.booster.save_raw("json")),
        "model.json": json.dumps(rest, ensure_ascii=False, indent=1, sort_keys=True).encode(),
    }


def from_files(files: dict[str, bytes]) -> RiskModel:
    """The model of `to_files`. The caller has checked the hashes."""
    import xgboost as xgb

    rest = json.loads(files["model.json"])
    booster = xgb.Booster()
    booster.load_model(bytearray(files["trees.json"]))
    knots = tuple(map(float, rest["knots"][0])), tuple(map(float, rest["knots"][1]))
    return RiskModel(booster, tuple(rest["names"]), knots, float(rest["threshold"]), rest["card"])
