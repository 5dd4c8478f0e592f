"""Answers in the shapes of the real interfaces; ids are invented, prices were real."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from cloudgauge.pricefeed.answer import Machine, Source, Wanted

TODAY = date(2026, 11, 22)
SOURCE = Source(url="https://prices.example/answer", retrieved=TODAY)
Json = dict[str, Any]


def wanted(provider: str, *codes: str, machines: tuple[str, ...] = ()) -> Wanted:
    regions = {code: f"{provider}/{code}" for code in codes}
    return Wanted(
        regions=regions,
        all_regions=regions,
        machines={
            sku: Machine(sku=sku, vcpus=2, memory_gib=Decimal(8)) for sku in machines
        },
    )


def as_bytes(answer: object) -> bytes:
    return json.dumps(answer).encode()


# The tiers of us-east-1, in an order that the real file has, too.
AWS_TIERS = (
    ("153600", "Inf", "0.0500000000"),
    ("0", "10240", "0.0900000000"),
    ("10240", "51200", "0.0850000000"),
    ("51200", "153600", "0.0700000000"),
)
HOURLY = (("0", "Inf", "0.2956000000"),)


def aws_terms(
    sku: str,
    tiers: tuple[tuple[str, str, str], ...],
    *,
    unit: str,
    currency: str = "USD",
) -> Json:
    code = f"{sku}.JRTCKXETXF"
    return {
        code: {
            "offerTermCode": "JRTCKXETXF",
            "sku": sku,
            "effectiveDate": "2026-06-01T00:00:00Z",
            "termAttributes": {},
            "priceDimensions": {
                f"{code}.XT{number}": {
                    "rateCode": f"{code}.XT{number}",
                    "unit": unit,
                    "beginRange": start,
                    "endRange": end,
                    "pricePerUnit": {currency: price},
                    "appliesTo": [],
                }
                for number, (start, end, price) in enumerate(tiers)
            },
        }
    }


def aws_traffic(sku: str, **attributes: str) -> Json:
    return {
        "sku": sku,
        "productFamily": "Data Transfer",
        "attributes": {
            "servicecode": "AWSDataTransfer",
            "transferType": "AWS Outbound",
            "fromLocation": "US East (N. Virginia)",
            "fromLocationType": "AWS Region",
            "fromRegionCode": "us-east-1",
            "toLocation": "External",
            "toLocationType": "Other",
            "toRegionCode": "",
            "usagetype": "DataTransfer-Out-Bytes",
            "operation": "",
            "servicename": "AWS Data Transfer",
        }
        | attributes,
    }


def aws_machine(sku: str, **attributes: str) -> Json:
    return {
        "sku": sku,
        "productFamily": "Compute Instance",
        "attributes": {
            "servicecode": "AmazonEC2",
            "instanceType": "i7ie.large",
            "vcpu": "2",
            "memory": "16 GiB",
            "operatingSystem": "Linux",
            "preInstalledSw": "NA",
            "licenseModel": "No License required",
            "locationType": "AWS Region",
            "regionCode": "us-east-1",
            "capacitystatus": "Used",
            "marketoption": "OnDemand",
            "tenancy": "Shared",
            "currentGeneration": "Yes",
        }
        | attributes,
    }


def aws_file(*entries: tuple[Json, Json | None], reserved: bool = True) -> bytes:
    """Products with their on-demand terms; None for a product without any."""
    products = {product["sku"]: product for product, _ in entries}
    terms = {product["sku"]: offers for product, offers in entries if offers}
    lease = {"LeaseContractLength": "1yr"}
    return as_bytes(
        {
            "formatVersion": "v1.0",
            "disclaimer": "made up",
            "offerCode": "AWSDataTransfer",
            "version": "20260916132208",
            "publicationDate": "2026-09-16T13:22:08Z",
            "products": products,
            "terms": {
                "OnDemand": terms,
                "Reserved": {
                    sku: {f"{sku}.XLEASE": {"termAttributes": lease}}
                    for sku in products
                    if reserved
                },
            },
        }
    )


def azure_item(**fields: object) -> Json:
    return {
        "currencyCode": "USD",
        "tierMinimumUnits": 0.0,
        "retailPrice": 0.0,
        "unitPrice": 0.0,
        "armRegionName": "eastus",
        "location": "US East",
        "effectiveStartDate": "2024-07-01T00:00:00Z",
        "meterId": "9995d93a-7d35-4d3f-9c69-7a7fea447ef4",
        "meterName": "Standard Data Transfer Out",
        "productId": "XPROD",
        "skuId": "XPROD/0001",
        "productName": "Rtn Preference: MGN",
        "skuName": "Standard",
        "serviceName": "Bandwidth",
        "serviceId": "DZH318FHKQ5W",
        "serviceFamily": "Networking",
        "unitOfMeasure": "1 GB",
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": "",
    } | fields


def azure_tiers(**fields: object) -> list[Json]:
    """Traffic of zone 1, in an order that a page may have."""
    bounds = ((10335.0, 0.083), (0.0, 0.0), (100.0, 0.087))
    return [
        azure_item(tierMinimumUnits=start, retailPrice=price, unitPrice=price, **fields)
        for start, price in bounds
    ]


def azure_machine(**fields: object) -> Json:
    return azure_item(
        retailPrice=0.096,
        unitPrice=0.096,
        meterId="XMETER",
        meterName="D2s v5",
        productName="Virtual Machines Dsv5 Series",
        skuName="Standard_D2s_v5",
        serviceName="Virtual Machines",
        serviceFamily="Compute",
        unitOfMeasure="1 Hour",
        armSkuName="Standard_D2s_v5",
    ) | dict(fields)


def azure_page(items: list[Json], link: str | None = None) -> Json:
    return {
        "BillingCurrency": "USD",
        "CustomerEntityId": "Default",
        "CustomerEntityType": "Retail",
        "Items": items,
        "NextPageLink": link,
        "Count": len(items),
    }
