### 各处共用的文字。

## 排队

queue-next = { $title } · 下一个就是你
queue-place = { $title } · 前面还有 { $ahead } 张照片
queue-about = { $place } · 约 { $seconds } 秒
queue-progress = { $title } · 第 { $done } 张，共 { $count } 张
queue-share = { $title } · 已完成 { $percent }%
queue-left = { $place } · 还需约 { $seconds } 秒
queue-paused = { $title } · 暂停绘制。{ $words } 你的照片会保留排队位置，前面还有 { $ahead } 张。
queue-cancelled = 已取消。
queue-waits-for-engine = 绘制暂时中断，你的照片会保留排队位置。

## 结果

photo-skipped = 第 { $number } 张照片已跳过。{ $reason }
first-frame = 这是动图，我只画了第一帧。
clip-fast = 动图和视频不支持耗时选项，已用快速模式。
several-styles = 多种风格
clip-whole = 动图和视频不识别人物，已绘制整个画面。
result-edited = 已编辑
absent-person = 没有找到人物，已绘制整张照片。
style-retired = “{ $title }”已下架，已改用最接近的风格。
style-added = 已添加自定义风格“{ $name }”。
style-removed = 已删除“{ $name }”。

## 隐私

privacy =
    我会加密保存你的设置，以及你的自定义风格和风格图。
    历史记录保存 { $days } 天，只含照片在本平台的编号和短片上的文字，不含图片。
    请求保存 { $jobs } 天，同样不含图片。
    我不保存你的照片和效果图，也不用来训练，并会去除其中的元数据。
    有些效果会在照片中查找人脸和人物。结果（例如面部关键点）不会保存，也不会用来辨认身份。
    如果你被封禁，我只保留一个匿名标识。管理员的操作日志保存一年。
    已公开的风格会继续保留。
    你可以在设置里禁止别人用你的照片生成效果图。
    我被移出群组后，该群的设置会在 { $grace } 天后删除。
    /export 导出你的所有数据，/forget 删除你的所有数据。
forgot = 已删除：{ $history } 条记录、{ $styles } 个自定义风格、{ $jobs } 个请求，以及你的设置。

## 按钮

button-back = ◀ 返回
button-default-style = 默认风格：{ $title }
button-any-language = 跟随应用语言
button-admins-only = 仅管理员可用
button-waiting = 每人排队数：
button-quiet = 安静模式：只发结果
button-own-styles = 允许成员使用自定义风格
button-open-buttons = 所有人都能使用按钮
button-per-minute = 每人每分钟：
button-photo-check = 图片检查：
button-photo-check-off = 关闭
button-photo-check-spoiler = 遮盖
button-photo-check-refuse = 拒绝
language-name = 中文
button-styles-here = 这里可用的风格：{ $count }
button-this-topic = 仅限本话题
chat-settings = 这里的设置
chat-allowed-styles = 这里允许哪些风格？
chat-default-style = 这里默认用哪种风格？
chat-no-default = 无
chat-allow-all = 全部允许

## Telegram

choose-style-group =
    { $count ->
        [1] 选择哪种风格？
       *[other] 这 { $count } 张照片选择哪种风格？
    }
send-photo-for = 发一张照片给我，我会画成“{ $title }”风格。
