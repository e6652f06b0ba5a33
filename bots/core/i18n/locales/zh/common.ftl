### 各处共用的文字。

## 排队

queue-next = { $title } · 马上轮到你
queue-place = { $title } · 前面还有 { $ahead } 张照片
queue-about = { $place } · 大约 { $seconds } 秒
queue-progress = { $title } · 第 { $done } 张，共 { $count } 张
queue-share = { $title } · 已完成 { $percent }%
queue-paused = { $title } · 画室暂时关门。{ $words } 你的照片会保留排队的位置，前面还有 { $ahead } 张。
queue-cancelled = 已取消。
queue-waits-for-engine = 画室暂时关门，你的照片会保留排队的位置。

## 结果

photo-skipped = 第 { $number } 张照片没有画成。{ $reason }
first-frame = 这是动图，我只画了第一帧。
style-retired = “{ $title }”已经停用，我用了最接近的风格。
style-added = “{ $name }”现在是你的风格了。
style-removed = “{ $name }”已删除。

## 隐私

privacy =
    我保存你的设置，以及你自己的风格和对应的图片（已加密）。
    你的作画记录保存 { $days } 天，里面只有照片在平台上的编号，没有图片。
    你的请求保存 { $jobs } 天，同样没有图片。
    你发来的照片和我画的图都不会保存，也不会用来训练。照片里的附加信息会被去掉。
    如果有人被禁止使用，我只保留一个化名。管理员的操作记录保留一年。
    已经对所有人开放的风格会一直保留。
    你可以在设置里禁止别人用你的照片作画。
    我被移出一个群以后，它的设置会在 { $grace } 天后删除。
    /export 把全部数据发给你，/forget 把它们删除。
forgot = 已删除：{ $history } 条记录、{ $styles } 个自己的风格、{ $jobs } 个请求，以及你的设置。

## 按钮

button-back = ◀ 返回
button-default-style = 常用风格：{ $title }
button-any-language = 跟随应用语言
button-admins-only = 仅管理员可用
button-waiting = 每人排队：
button-quiet = 安静模式：只发结果
button-own-styles = 允许成员自己的风格
button-open-buttons = 所有人都能按按钮
button-per-minute = 每人每分钟：
button-photo-check-off = 不检查照片
button-photo-check-spoiler = 遮盖
button-photo-check-refuse = 拒绝
language-name = 中文

## Telegram

choose-style-group =
    { $count ->
        [1] 想要哪种风格？
       *[other] 这 { $count } 张照片想要哪种风格？
    }
send-photo-for = 发一张照片给我，我就画成“{ $title }”。
