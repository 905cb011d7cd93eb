"""What campaigns refuse."""

from app.kernel.errors import Conflict, NotFound, Unprocessable


class CampaignUnknown(NotFound):
    code = "campaign.unknown"
    title = "没有这个活动"


class ListUnknown(NotFound):
    code = "campaign.list_unknown"
    title = "没有这份名单"


class ListEmpty(Unprocessable):
    """No line named anybody we know. Data: `lines`, `unknown`."""

    code = "campaign.list_empty"
    title = "名单里没有认得的顾客"
    advice = "检查第一行的列名（手机号、会员卡号、顾客编号）和文件内容"


class DraftInvalid(Unprocessable):
    """Data: `fields`: name → what is wrong, in Chinese."""

    code = "campaign.draft_invalid"
    title = "活动还没填好"


class CampaignMoved(Conflict):
    """It is not in a state in which this can be done; somebody else may have been quicker. Data: `state`."""

    code = "campaign.moved"
    title = "活动的状态已经变了"
    advice = "刷新页面再看"


class NotTested(Conflict):
    """R04: test to oneself first; words changed since the test count as untested."""

    code = "campaign.not_tested"
    title = "还没有试发"
    advice = "先发给自己看一遍，再开始"


class SecondPersonNeeded(Conflict):
    """R04: so many people need a second person's release. Data: `people`, `limit`."""

    code = "campaign.second_person"
    title = "人数较多，需要另一位同事放行"
    advice = "请同事打开这一页，点「放行」"
