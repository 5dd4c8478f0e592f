"""A regional EC2 price file of any size, in the shape and proportions of the real one.

Products come first, then on-demand terms, then reserved terms, which are most of the
file. SKUs and prices are invented; the wanted machines are among a crowd of others.
"""

from collections.abc import Iterator
from pathlib import Path

_SIZES = ("medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "metal")
_SYSTEMS = ("Linux", "Windows", "RHEL", "SUSE")
_SOFTWARE = ("NA", "SQL Std", "SQL Web", "SQL Ent")
_TENANCIES = ("Shared", "Dedicated", "Host")
_CAPACITIES = ("Used", "UnusedCapacityReservation", "AllocatedCapacityReservation")
_RESERVED_EACH = 3
# Bytes that one product has in the three parts of the file, about.
_BYTES_EACH = 4_687


def write_regional_file(path: Path, size_bytes: int) -> int:
    """Write a file of about *size_bytes*; gives the bytes written."""
    count = max(1, size_bytes // _BYTES_EACH)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_lines(count))
    return path.stat().st_size


def _lines(count: int) -> Iterator[str]:
    yield '{\n  "formatVersion" : "v1.0",\n  "disclaimer" : "made up",\n'
    yield '  "offerCode" : "AmazonEC2",\n  "version" : "20260916132208",\n'
    yield '  "publicationDate" : "2026-09-16T13:22:08Z",\n  "products" : {\n'
    for number in range(count):
        yield _product(number) + _comma(number, count)
    yield '  },\n  "terms" : {\n    "OnDemand" : {\n'
    for number in range(count):
        yield _offers(number, ("JRTCKXETXF",)) + _comma(number, count)
    yield '    },\n    "Reserved" : {\n'
    codes = tuple(f"RSV{number:07d}" for number in range(_RESERVED_EACH))
    for number in range(count):
        yield _offers(number, codes) + _comma(number, count)
    yield "    }\n  }\n}\n"


def _comma(number: int, count: int) -> str:
    return ",\n" if number + 1 < count else "\n"


def _sku(number: int) -> str:
    return f"X{number:015d}"


def _product(number: int) -> str:
    kind = number // (4 * 4 * 3 * 3)
    attributes = {
        "servicecode": "AmazonEC2",
        "location": "US East (N. Virginia)",
        "locationType": "AWS Region",
        "instanceType": f"m{6 + kind // 7}i.{_SIZES[kind % 7]}",
        "currentGeneration": "Yes",
        "instanceFamily": "General purpose",
        "vcpu": "2",
        "physicalProcessor": "Made up (8375C)",
        "clockSpeed": "3.5 GHz",
        "memory": "8 GiB",
        "storage": "EBS only",
        "networkPerformance": "Up to 12500 Megabit",
        "processorArchitecture": "64-bit",
        "tenancy": _TENANCIES[number % 3],
        "operatingSystem": _SYSTEMS[number // 3 % 4],
        "licenseModel": "No License required",
        "usagetype": f"BoxUsage:m{6 + kind // 7}i.{_SIZES[kind % 7]}",
        "operation": "RunInstances",
        "availabilityzone": "NA",
        "capacitystatus": _CAPACITIES[number // 12 % 3],
        "dedicatedEbsThroughput": "Up to 10000 Mbps",
        "ecu": "NA",
        "enhancedNetworkingSupported": "Yes",
        "gpuMemory": "NA",
        "intelAvxAvailable": "Yes",
        "marketoption": "OnDemand",
        "normalizationSizeFactor": "4",
        "preInstalledSw": _SOFTWARE[number // 36 % 4],
        "processorFeatures": "Intel AVX; Intel AVX2; Intel AVX512; Intel Turbo",
        "regionCode": "us-east-1",
        "servicename": "Amazon Elastic Compute Cloud",
        "vpcnetworkingsupport": "true",
    }
    lines = ",\n".join(
        f'        "{key}" : "{text}"' for key, text in attributes.items()
    )
    return (
        f'    "{_sku(number)}" : {{\n      "sku" : "{_sku(number)}",\n'
        '      "productFamily" : "Compute Instance",\n      "attributes" : {\n'
        f"{lines}\n      }}\n    }}"
    )


def _offers(number: int, codes: tuple[str, ...]) -> str:
    sku = _sku(number)
    offers = ",\n".join(_offer(sku, code, number) for code in codes)
    return f'      "{sku}" : {{\n{offers}\n      }}'


def _offer(sku: str, code: str, number: int) -> str:
    rate = f"{sku}.{code}.6YS6EN2CT7"
    amount = f"{number % 997 / 1000 + 0.01:.10f}"
    return (
        f'        "{sku}.{code}" : {{\n          "offerTermCode" : "{code}",\n'
        f'          "sku" : "{sku}",\n'
        '          "effectiveDate" : "2026-09-01T00:00:00Z",\n'
        '          "priceDimensions" : {\n'
        f'            "{rate}" : {{\n              "rateCode" : "{rate}",\n'
        f'              "description" : "${amount} per made-up On Demand hour",\n'
        '              "beginRange" : "0",\n              "endRange" : "Inf",\n'
        '              "unit" : "Hrs",\n              "pricePerUnit" : {\n'
        f'                "USD" : "{amount}"\n              }},\n'
        '              "appliesTo" : [ ]\n            }\n          },\n'
        '          "termAttributes" : {\n'
        '            "LeaseContractLength" : "1yr",\n'
        '            "OfferingClass" : "standard"\n          }\n        }'
    )
