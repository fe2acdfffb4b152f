"""Reads stored items again, with the program and configuration of today.

    begin       what is asked for -> a reprocessing in the store, or the one to go on with
    reprocess   items in batches: read in processes -> corrected in one transaction -> counted
                then, if asked for, off-topic entries whose page is kept: read -> settled as new items

Items keep their ids, and so does a statement that is still reported. Nothing alerts unless asked to, and no item goes.
Killed at any moment, the same call goes on with the batch that was under way.
"""

from pipeline.reprocess.asked import PARTS, Asked, Part
from pipeline.reprocess.tally import Reprocessed, Tally
from pipeline.reprocess.walk import Progress, begin, reprocess, size

__all__ = ["PARTS", "Asked", "Part", "Progress", "Reprocessed", "Tally", "begin", "reprocess", "size"]
