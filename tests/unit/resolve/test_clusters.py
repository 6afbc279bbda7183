"""Where the cluster's Prometheus runs, as far as its URL says."""

import pytest

from generator.resolve.clusters.decide import _namespace


@pytest.mark.parametrize(
    ("url", "namespace"),
    [
        ("http://prometheus-operated.monitoring:9090", "monitoring"),
        ("http://kps.observability.svc:9090/prom", "observability"),
        ("https://thanos.obs.svc.cluster.local", "obs"),
        ("http://prometheus:9090", ""),
        ("https://prometheus.example.com/api", ""),
        ("http://10.0.0.7:9090", ""),
        ("http://[::1", ""),
        ("", ""),
    ],
)
def test_the_namespace_of_a_service_is_read_from_its_address(url, namespace):
    assert _namespace(url) == namespace
