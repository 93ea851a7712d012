"""Audits on a Spark cluster: the extra `supportaudit[spark]`.

    from supportaudit.spark import audit

    result = audit(spark.read.parquet("s3a://exports/2026/"))

The same function judges every customer's conversations as on one machine, so the answer is the same, byte for byte.
Spark is imported only when an audit begins.
"""

from supportaudit.spark.audits import audit, engine, engine_on

__all__ = ["audit", "engine", "engine_on"]
